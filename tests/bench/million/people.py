"""A person for every row number: the same on every machine and for every engine.

The ids are UUIDs of version 7, as the service makes them, and can be worked out from the number by simple
arithmetic: the load and the database's own tools do so (id.lua, limits.py). Numbers go up to 3 000 000: beyond
that, Lua's numbers are not exact.
"""

import datetime
import hashlib
import unicodedata

from names import ABOUT, CULTURES

MOST = 3_000_000
BORN = datetime.datetime(2025, 1, 1)
BORN_MS = 1735689600000
# Milliseconds from one person to the next, and within the second.
STEP_MS, PART_MS = 20_000, 409
MIX, FAR = 2654435761, 0x9E3779B97F4A7C15
BASE = str.maketrans({
    "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th",
})


def fold(text):
    """What crates/domain/src/text/fold.rs does; `seed --check` compares them."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = (c for c in text if c.isspace() or unicodedata.category(c) not in ("Mn", "Me", "Cf", "Cc"))
    return " ".join("".join(kept).split()).translate(BASE)


def wheel(items, size):
    """Items as often as Zipf's law has them: the first twice as often as the second."""
    weights = [1 / (rank + 1) for rank in range(len(items))]
    out, owed = [], 0.0
    for item, weight in zip(items, weights):
        owed += weight * size / sum(weights)
        out += [item] * (round(owed) - len(out))
    return out[:size] + [items[0]] * (size - len(out))


def pairs(text):
    """Each part with its folded form."""
    parts = [part.replace("_", " ") for part in text.split()]
    return [(part, fold(part)) for part in parts]


class Culture:
    def __init__(self, language, zone, share, family_first, glue, given, family, places):
        self.language, self.zone, self.share, self.family_first, self.glue = language, zone, share, family_first, glue
        self.given, self.family = wheel(pairs(given), 1024), wheel(pairs(family), 1024)
        self.places = wheel(pairs(places), 256)


CULTURE = [Culture(*culture) for culture in CULTURES]
CULTURE_OF = [culture for culture in CULTURE for _ in range(culture.share)]


def mix(n):
    """48 well-mixed bits of a row number."""
    h = (n * FAR) & 0xFFFFFFFFFFFFFFFF
    h ^= h >> 32
    return ((h * FAR) & 0xFFFFFFFFFFFFFFFF) >> 16


def number_id(n, kind="8"):
    """The id of a profile ("8"), of its preferences ("9") or of its session ("a"), as 32 hexadecimal digits."""
    return f"{BORN_MS + PART_MS + n * STEP_MS:012x}7{n * 7919 % 4096:03x}{kind}{n * MIX:015x}"


def user_id(n):
    return hashlib.md5(b"u%d" % n).hexdigest()


def dashed(digits):
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def born(n):
    """When; the digits below the millisecond are never 0, so that every text of it is as long."""
    return BORN + datetime.timedelta(seconds=n * STEP_MS // 1000, microseconds=PART_MS * 1000 + 1 + n * 7919 % 999)


def session_name(n):
    """The `sid` of the tokens of a person."""
    return f"bench-{n}"


def named(n):
    """Culture, name, folded name, place, folded place."""
    h = mix(n)
    culture = CULTURE_OF[h % len(CULTURE_OF)]
    given, given_key = culture.given[(h >> 8) & 1023]
    family, family_key = culture.family[(h >> 18) & 1023]
    glue = culture.glue
    if (h >> 28) & 3 == 0:
        # Every fourth has two of the shorter kind: a second family name, or a second given one.
        if culture.family_first:
            more, more_key = culture.given[(h >> 30) & 1023]
            given, given_key = given + more, given_key + more_key
        else:
            more, more_key = culture.family[(h >> 30) & 1023]
            family, family_key = f"{family} {more}", f"{family_key} {more_key}"
    if culture.family_first:
        name, key = family + glue + given, family_key + glue + given_key
    else:
        name, key = given + glue + family, given_key + glue + family_key
    place, place_key = culture.places[(h >> 40) & 255]
    return culture, name, key, place, place_key


PROFILE = (
    "id user_id display_name name_key search_text bio location website phone_number is_verified is_active version "
    "created_at updated_at"
).split()
PREFERENCES = (
    "id profile_id language timezone theme date_format time_format email_notifications push_notifications "
    "sms_notifications newsletter marketing version created_at updated_at"
).split()
SESSION = (
    "id profile_id token_digest device_type device_name os ip_address user_agent created_at last_activity_at "
    "expires_at follows_tokens"
).split()
# Those columns whose bytes are given as hexadecimal digits.
BINARY = {"id", "user_id", "profile_id", "token_digest"}


def sessions_of(rows):
    """How many people have a session: the first tenth."""
    return max(1, rows // 10)


def profiles(rows, moment):
    """Rows of user_profiles; `moment` writes a time as the engine wants it."""
    awake = sessions_of(rows)
    about = len(ABOUT)
    for n in range(1, rows + 1):
        _, name, key, place, place_key = named(n)
        made = moment(born(n))
        yield (
            number_id(n), user_id(n), name, key, f"{key}\n{place_key}", f"{ABOUT[n % about]} ({n})", place,
            f"https://people.example/{n}" if n % 4 == 0 else None, f"+3519{n:08d}" if n % 3 == 0 else None,
            int(n % 3 == 0), int(n <= awake or n % 50 != 7), 1, made, made,
        )


def preferences(rows, moment):
    for n in range(1, rows + 1):
        culture = CULTURE_OF[mix(n) % len(CULTURE_OF)]
        made = moment(born(n))
        yield (
            number_id(n, "9"), number_id(n), culture.language, culture.zone, ("auto", "dark", "light")[n % 3],
            "DD/MM/YYYY" if n % 2 else "YYYY-MM-DD", "24h", 1, 1, 0, int(n % 5 == 0), 0, 1, made, made,
        )


def sessions(rows, moment):
    last = moment(datetime.datetime(2099, 1, 1, 0, 0, 0, 1))
    for n in range(1, sessions_of(rows) + 1):
        made = moment(born(n))
        yield (
            number_id(n, "a"), number_id(n), hashlib.sha256(session_name(n).encode()).hexdigest(), "web", "Firefox",
            "Linux", f"192.0.2.{n % 256}", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            made, made, last, 1,
        )


TABLES = [
    ("user_profiles", PROFILE, profiles),
    ("user_preferences", PREFERENCES, preferences),
    ("user_sessions", SESSION, sessions),
]


def terms(rows, count=100):
    """What people look for: 3 to 6 letters of names that are there, as they are written."""
    out = []
    n = 0
    while len(out) < count:
        n += 1
        h = mix(n * 1009)
        name = named(1 + h % rows)[1]
        length = 3 + (h >> 24) % 4
        parts = [part for part in name.split() if len(part) >= 3]
        if not parts:
            continue
        part = parts[(h >> 32) % len(parts)]
        # Most begin with the beginning of a name.
        start = 0 if (h >> 40) % 4 else (h >> 36) % max(1, len(part) - length + 1)
        term = part[start:start + length]
        if len(fold(term)) >= 3:
            out.append(term)
    return out
