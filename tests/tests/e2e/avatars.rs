//! Pictures of people: sent, read and removed.

use serde_json::{Value, json};

use crate::client::{Reply, Request};
use crate::harness::App;
use crate::people::Person;
use crate::pictures::{QUARTERS, Seen, boast, plain, png, transparent};

/// What browsers say that know WebP.
const BROWSER: &str = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";

impl Person {
    /// The path of the avatar.
    pub(crate) fn avatar(&self) -> String {
        format!("{}/avatar", self.path())
    }
}

/// Sends a picture as a person's own.
pub(crate) fn upload(app: &App, person: &Person, file: Vec<u8>) -> Request {
    let request = app.post(&person.avatar()).token(&person.token);
    request.raw("image/png", file)
}

/// Gives a person an avatar; the profile.
pub(crate) async fn give(app: &App, person: &Person, file: Vec<u8>) -> Value {
    upload(app, person, file).await.is(200).json()
}

/// Reads a person's avatar with their own token.
pub(crate) fn look(app: &App, person: &Person, query: &str) -> Request {
    let path = format!("{}{query}", person.avatar());
    app.get(&path).token(&person.token)
}

fn seen(reply: &Reply) -> Seen {
    Seen::of(&reply.header("content-type"), &reply.body)
}

/// The avatar of initials.
#[track_caller]
pub(crate) fn assert_drawn(reply: &Reply, fallback: &str) {
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("content-type"), "image/svg+xml");
    assert_eq!(reply.header("avatar-fallback"), fallback);
    assert!(reply.text().starts_with("<svg"), "{}", reply.text());
}

const BOUNDARY: &str = "XboundaryX";

fn part(head: &str, body: &[u8]) -> Vec<u8> {
    [
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(),
        body,
        b"\r\n",
    ]
    .concat()
}

/// Sends parts of a form.
fn form(app: &App, person: &Person, parts: &[Vec<u8>]) -> Request {
    let body = [parts.concat(), format!("--{BOUNDARY}--\r\n").into_bytes()].concat();
    let request = app.post(&person.avatar()).token(&person.token);
    request.raw(&format!("multipart/form-data; boundary={BOUNDARY}"), body)
}

pub(crate) async fn a_picture_becomes_four_squares(app: App) {
    let ana = app.person("Ana").await;
    give(&app, &ana, png(800, 600)).await;
    for (accept, kind) in [
        (BROWSER, "image/webp"),
        ("image/png,image/jpeg", "image/jpeg"),
    ] {
        for (asked, side) in [
            (1, 64),
            (64, 64),
            (65, 128),
            (200, 256),
            (512, 512),
            (2048, 512),
        ] {
            let request = look(&app, &ana, &format!("?size={asked}"));
            let reply = request.header("accept", accept).await.is(200);
            assert_eq!(reply.header("content-type"), kind);
            assert_eq!(reply.header("x-content-type-options"), "nosniff");
            assert!(reply.header("content-security-policy").contains("sandbox"));
            let seen = seen(&reply);
            assert_eq!((seen.width, seen.height), (side, side));
            seen.assert_quarters(QUARTERS);
        }
    }
    let reply = look(&app, &ana, "").await.is(200);
    assert_eq!(seen(&reply).width, 256, "256 where none is asked for");
}

pub(crate) async fn a_form_and_the_bare_picture_are_the_same(app: App) {
    let (ana, bo) = (app.person("Ana").await, app.person("Bo").await);
    let file = png(300, 300);
    let parts = [
        part("name=\"csrf\"", b"whatever a page needs"),
        part("name=\"file\"; filename=\"me.jpg\"", &file),
    ];
    let by_form = form(&app, &ana, &parts).await.is(200).json();
    let bare = app.post(&bo.avatar()).token(&bo.token);
    let bare = bare
        .raw("application/octet-stream", file)
        .await
        .is(200)
        .json();
    let version = |profile: &Value| {
        let url = profile["avatar_url"].as_str().unwrap().to_owned();
        url.split_once("?v=").unwrap().1.to_owned()
    };
    assert_eq!(version(&by_form), version(&bare));
}

pub(crate) async fn transparency_is_kept(app: App) {
    let ana = app.person("Ana").await;
    give(&app, &ana, transparent()).await;
    for (accept, kind) in [
        ("image/jpeg,*/*", "image/png"),
        ("image/webp", "image/webp"),
    ] {
        let reply = look(&app, &ana, "?size=64").header("accept", accept);
        let reply = reply.await.is(200);
        assert_eq!(reply.header("content-type"), kind);
        let seen = seen(&reply);
        assert!(seen.is_clear(2, 2) && !seen.is_clear(32, 32));
    }
}

pub(crate) async fn the_focus_decides_what_is_kept(app: App) {
    let ana = app.person("Ana").await;
    let [red, green, ..] = QUARTERS;
    for (query, left, right) in [
        ("", red, green),
        ("?focus=0.5,0.5", red, green),
        ("?focus=0,0.2", red, red),
        ("?focus=1,0.5", green, green),
    ] {
        let request = app.post(&format!("{}{query}", ana.avatar()));
        let request = request.token(&ana.token).raw("image/png", png(800, 200));
        request.await.is(200);
        let seen = seen(&look(&app, &ana, "").await.is(200));
        let [.., blue, yellow] = QUARTERS;
        let below = |above| if above == red { blue } else { yellow };
        seen.assert_quarters([left, right, below(left), below(right)]);
    }
    let parts = [
        part("name=\"focus\"", b"1,0"),
        part("name=\"file\"", &png(800, 200)),
    ];
    form(&app, &ana, &parts).await.is(200);
    let seen = seen(&look(&app, &ana, "").await.is(200));
    let [_, green, _, yellow] = QUARTERS;
    seen.assert_quarters([green, green, yellow, yellow]);
}

pub(crate) async fn the_profile_names_this_very_version(app: App) {
    let ana = app.person("Ana").await;
    let before = app.get(&ana.path()).token(&ana.token).await.is(200);
    assert_eq!(before.json()["avatar_url"], Value::Null);
    assert_eq!(before.json()["thumbhash"], Value::Null);
    let reply = upload(&app, &ana, plain([9, 9, 200])).await.is(200);
    let profile = reply.json();
    let after = app.get(&ana.path()).token(&ana.token).await.is(200);
    assert_eq!(after.json(), profile);
    assert_eq!(after.etag(), reply.etag());
    assert_ne!(after.etag(), before.etag());
    assert_ne!(after.json()["updated_at"], before.json()["updated_at"]);
    let hash = profile["thumbhash"].as_str().unwrap();
    assert!((20..=36).contains(&hash.len()), "{hash}");
    let url = profile["avatar_url"].as_str().unwrap();
    let expected = format!("{}?v=", ana.avatar());
    assert!(url.starts_with(&expected), "{url}");
    let stranger = app.stranger();
    let seen_by_others = app.get(&ana.path()).token(&stranger.token).await.is(200);
    assert_eq!(seen_by_others.json()["avatar_url"], profile["avatar_url"]);
    assert_eq!(seen_by_others.json()["thumbhash"], profile["thumbhash"]);
}

pub(crate) async fn a_version_may_be_kept_for_ever(app: App) {
    let ana = app.person("Ana").await;
    let first = give(&app, &ana, plain([200, 0, 0])).await;
    let first = first["avatar_url"].as_str().unwrap().to_owned();
    let get = |url: &str| app.get(url).token(&ana.token);
    let reply = get(&first).await.is(200);
    let kept = "private, max-age=31536000, immutable";
    assert_eq!(reply.header("cache-control"), kept);
    let reply = look(&app, &ana, "").await.is(200);
    assert_eq!(reply.header("cache-control"), "private, no-cache");
    let second = give(&app, &ana, plain([0, 200, 0])).await;
    let second = second["avatar_url"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    // The old version is the picture of the day, and not to be kept.
    let (old, new) = (get(&first).await.is(200), get(&second).await.is(200));
    assert_eq!(old.body, new.body);
    assert_eq!(old.header("cache-control"), "private, no-cache");
    assert_eq!(new.header("cache-control"), kept);
    seen(&old).assert_quarters([[0, 200, 0]; 4]);
}

pub(crate) async fn what_is_known_is_not_sent_again(app: App) {
    let ana = app.person("Ana").await;
    give(&app, &ana, png(100, 100)).await;
    let ask = |query: &str, tag: &str| {
        let request = look(&app, &ana, query).header("if-none-match", tag);
        request.header("accept", "image/webp")
    };
    let tag = ask("", "\"x\"").await.is(200).etag();
    for known in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"y\", {tag}"),
        "*".to_owned(),
    ] {
        let reply = ask("", &known).await.is(304);
        assert_eq!((reply.etag(), reply.body.len()), (tag.clone(), 0));
    }
    ask("?size=64", &tag).await.is(200);
    look(&app, &ana, "")
        .header("if-none-match", &tag)
        .await
        .is(200);
    // The same picture has the same tag, whoever sent it.
    let bo = app.person("Bo").await;
    give(&app, &bo, png(100, 100)).await;
    let request = look(&app, &bo, "").header("accept", "image/webp");
    assert_eq!(request.await.is(200).etag(), tag);
}

pub(crate) async fn accept_decides_the_kind(app: App) {
    let ana = app.person("Ana").await;
    give(&app, &ana, png(100, 100)).await;
    for (accept, kind) in [
        ("*/*", "image/jpeg"),
        ("image/*", "image/jpeg"),
        ("image/png,image/*;q=0.8", "image/jpeg"),
        ("image/webp,*/*;q=0.8", "image/webp"),
        ("image/webp;q=0.5,image/jpeg", "image/jpeg"),
        ("image/webp;q=0,image/*", "image/jpeg"),
        ("image/webp", "image/webp"),
    ] {
        let reply = look(&app, &ana, "").header("accept", accept).await.is(200);
        assert_eq!(reply.header("content-type"), kind, "{accept}");
        assert!(reply.header("vary").contains("Accept"));
    }
    for accept in ["image/gif", "text/html", "image/jpeg;q=0"] {
        let reply = look(&app, &ana, "").header("accept", accept).await;
        assert_eq!(reply.problem(406)["code"], "not-acceptable", "{accept}");
    }
    let bo = app.person("Bo").await;
    let reply = look(&app, &bo, "").header("accept", "image/webp,image/png");
    reply.await.problem(406);
}

pub(crate) async fn without_an_avatar_initials_are_drawn(app: App) {
    let (ana, wei) = (app.person("Ana Sørensen").await, app.person("王伟").await);
    for (person, initials) in [(&ana, "AS"), (&wei, "王")] {
        let reply = look(&app, person, "").await;
        assert_drawn(&reply, "absent");
        assert!(
            reply.text().contains(&format!(">{initials}<")),
            "{}",
            reply.text()
        );
        let again = look(&app, person, "?size=64").await;
        assert_eq!(again.body, reply.body);
        let known = look(&app, person, "").header("if-none-match", &reply.etag());
        known.await.is(304);
    }
}

pub(crate) async fn a_query_is_read_strictly(app: App) {
    let ana = app.person("Ana").await;
    for query in [
        "?size=0",
        "?size=2049",
        "?size=big",
        "?width=5",
        &format!("?v={}", "x".repeat(65)),
        "?size=1&size=2",
    ] {
        let body = look(&app, &ana, query).await.problem(400);
        assert_eq!(body["code"], "invalid-parameter", "{query}");
    }
    for focus in ["0.5", "2,0", "x,y"] {
        let path = format!("{}?focus={focus}", ana.avatar());
        let request = app.post(&path).token(&ana.token);
        let reply = request.raw("image/png", png(8, 8)).await;
        assert_eq!(reply.problem(400)["errors"][0]["parameter"], "focus");
    }
}

pub(crate) async fn a_removed_avatar_is_gone(app: App) {
    let ana = app.person("Ana").await;
    let profile = give(&app, &ana, png(100, 100)).await;
    assert_eq!(app.avatar_files(), 8);
    let remove = || app.delete(&ana.avatar()).token(&ana.token);
    remove().await.is(204);
    assert_drawn(&look(&app, &ana, "").await, "absent");
    let url = profile["avatar_url"].as_str().unwrap();
    assert_drawn(&app.get(url).token(&ana.token).await, "absent");
    let profile = app.get(&ana.path()).token(&ana.token).await.json();
    assert_eq!(profile["avatar_url"], Value::Null);
    assert_eq!(app.avatar_files(), 0);
    remove().await.is(204);
}

pub(crate) async fn a_replaced_avatar_leaves_no_file(app: App) {
    let ana = app.person("Ana").await;
    for shade in [0, 100, 200] {
        give(&app, &ana, plain([shade, 0, 0])).await;
        assert_eq!(app.avatar_files(), 8);
    }
}

pub(crate) async fn a_removed_profile_takes_its_pictures_along(app: App) {
    let (ana, bo) = (app.person("Ana").await, app.person("Bo").await);
    give(&app, &ana, png(100, 100)).await;
    give(&app, &bo, png(100, 100)).await;
    assert_eq!(app.avatar_files(), 16);
    app.delete(&ana.path()).token(&ana.token).await.is(204);
    assert_eq!(app.avatar_files(), 8);
    look(&app, &bo, "").await.is(200);
}

pub(crate) async fn a_repeated_upload_gets_the_first_answer(app: App) {
    let ana = app.person("Ana").await;
    let send = |key: &str, file: Vec<u8>| upload(&app, &ana, file).header("idempotency-key", key);
    let first = send("k1", plain([1, 2, 3])).await.is(200);
    let again = send("k1", plain([1, 2, 3])).await.is(200);
    assert_eq!(again.body, first.body);
    assert_eq!(again.etag(), first.etag());
    assert_eq!(again.header("idempotency-replayed"), "true");
    let other = send("k1", plain([3, 2, 1])).await;
    assert_eq!(other.problem(422)["code"], "idempotency-key-reused");
    // A refused picture does not use up its key.
    send("k2", b"GIF89a".to_vec()).await.problem(415);
    send("k2", plain([5, 5, 5])).await.is(200);
}

pub(crate) async fn a_change_can_be_bound_to_a_picture(app: App) {
    let ana = app.person("Ana").await;
    let bound = |tag: &str| upload(&app, &ana, plain([7, 7, 7])).header("if-match", tag);
    bound("*").await.problem(412);
    give(&app, &ana, plain([1, 1, 1])).await;
    let tag = look(&app, &ana, "?size=64").await.etag();
    bound("\"another\"").await.problem(412);
    bound(&tag).await.is(200);
    bound(&tag).await.problem(412);
    let remove = |tag: &str| {
        let request = app.delete(&ana.avatar()).token(&ana.token);
        request.header("if-match", tag)
    };
    remove(&tag).await.problem(412);
    let tag = look(&app, &ana, "").await.etag();
    remove(&tag).await.is(204);
    remove("*").await.problem(412);
}

pub(crate) async fn what_is_no_picture_is_named(app: App) {
    let ana = app.person("Ana").await;
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec();
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec();
    for (file, named) in [
        (svg, "image/svg+xml"),
        (heic, "image/heic"),
        (b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), "image/gif"),
        (b"MZ\x90\0 this program".to_vec(), ""),
        (b"hello".to_vec(), ""),
    ] {
        let reply = upload(&app, &ana, file).await;
        let body = reply.problem(415);
        assert_eq!(body["code"], "unsupported-image");
        assert!(body["detail"].as_str().unwrap().contains(named), "{body}");
        assert!(reply.header("accept-post").contains("image/webp"));
    }
    let mut cut = png(300, 300);
    cut.truncate(cut.len() / 2);
    let polyglot = [png(30, 30), b"<script>alert(1)</script>".to_vec()].concat();
    for (file, code) in [
        (Vec::new(), "empty"),
        (cut, "truncated"),
        (polyglot, "not_only_a_picture"),
        (boast(50_000, 50_000, 1), "side_too_long"),
        (boast(8000, 8000, 1), "too_many_pixels"),
        (boast(2000, 2000, 101), "animation_too_large"),
    ] {
        let body = upload(&app, &ana, file).await.problem(422);
        assert_eq!(body["code"], "invalid-image");
        assert_eq!(body["errors"][0]["code"], code, "{body}");
    }
    assert_drawn(&look(&app, &ana, "").await, "absent");
    assert_eq!(app.avatar_files(), 0);
}

pub(crate) async fn a_form_is_read_strictly(app: App) {
    let ana = app.person("Ana").await;
    let file = part("name=\"file\"", &png(8, 8));
    for (parts, code) in [
        (vec![], "missing"),
        (vec![file.clone(), file.clone()], "repeated"),
        (
            vec![file.clone(), part("name=\"focus\"", b"9,9")],
            "not_a_point",
        ),
        (
            vec![part(
                "name=\"file\"; filename=\"../../etc/passwd\"",
                &png(8, 8),
            )],
            "invalid_file_name",
        ),
        (
            vec![part("name=\"file\"; filename=\"c:\\\\me.png\"", &png(8, 8))],
            "invalid_file_name",
        ),
    ] {
        let body = form(&app, &ana, &parts).await.problem(422);
        assert_eq!(body["errors"][0]["code"], code, "{body}");
    }
    let html = part("name=\"file\"\r\nContent-Type: text/html", &png(8, 8));
    form(&app, &ana, &[html]).await.problem(415);
    // What a file calls itself among pictures decides nothing.
    let misnamed = part("name=\"file\"\r\nContent-Type: image/gif", &png(8, 8));
    form(&app, &ana, &[misnamed]).await.is(200);
    let cut = app.post(&ana.avatar()).token(&ana.token);
    let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
    cut.raw(&media_type, file[..40].to_vec()).await.problem(400);
    for media_type in [
        "application/json",
        "text/html",
        "application/x-www-form-urlencoded",
    ] {
        let reply = app.post(&ana.avatar()).token(&ana.token);
        let reply = reply.raw(media_type, png(8, 8)).await;
        assert_eq!(reply.problem(415)["code"], "unsupported-media-type");
        assert!(reply.header("accept-post").contains("multipart/form-data"));
    }
}

pub(crate) async fn a_large_upload_is_refused(mut app: App) {
    app.restart_with("MAX_AVATAR_SIZE", "20000").await;
    let ana = app.person("Ana").await;
    let large = vec![7; 20_001];
    upload(&app, &ana, large.clone()).await.problem(413);
    form(&app, &ana, &[part("name=\"file\"", &large)])
        .await
        .problem(413);
    let other = part("name=\"other\"", &vec![7; 100_000]);
    form(&app, &ana, &[other]).await.problem(413);
    give(&app, &ana, png(100, 100)).await;
}

pub(crate) async fn nobody_changes_the_avatar_of_another(app: App) {
    let ana = app.person("Ana").await;
    give(&app, &ana, png(100, 100)).await;
    let bo = app.person("Bo").await;
    let request = app.post(&ana.avatar()).token(&bo.token);
    request.raw("image/png", png(8, 8)).await.problem(403);
    let request = app.delete(&ana.avatar()).token(&bo.token);
    request.await.problem(403);
    app.get(&ana.avatar()).token(&bo.token).await.is(200);
    app.get(&ana.avatar()).await.refused("missing-token");
    app.set_active(&ana, false).await;
    app.get(&ana.avatar()).token(&bo.token).await.problem(404);
    let admin = app.admin();
    app.get(&ana.avatar()).token(&admin.token).await.is(200);
    let request = app.post(&ana.avatar()).token(&admin.token);
    request.raw("image/png", png(9, 9)).await.is(200);
}

pub(crate) async fn public_profiles_have_public_avatars(mut app: App) {
    app.set("PUBLIC_URL", "https://users.example/base/");
    app.restart_with("PUBLIC_PROFILES", "true").await;
    let ana = app.person("Ana").await;
    let profile = give(&app, &ana, png(100, 100)).await;
    let url = profile["avatar_url"].as_str().unwrap();
    let here = url.strip_prefix("https://users.example/base").unwrap();
    let reply = app.get(here).await.is(200);
    let kept = "public, max-age=31536000, immutable";
    assert_eq!(reply.header("cache-control"), kept);
    assert_eq!(reply.header("cross-origin-resource-policy"), "cross-origin");
}

pub(crate) async fn a_picture_of_a_former_service_is_pointed_at(app: App) {
    let ana = app.person("Ana").await;
    let place = "https://files.example/ana.jpg";
    let sql = format!("UPDATE user_profiles SET avatar_url = '{place}'");
    app.sql(&sql).await;
    let profile = app.get(&ana.path()).token(&ana.token).await.json();
    assert_eq!(profile["avatar_url"], place);
    let reply = look(&app, &ana, "").await.is(302);
    assert_eq!(reply.header("location"), place);
    app.delete(&ana.avatar()).token(&ana.token).await.is(204);
    assert_drawn(&look(&app, &ana, "").await, "absent");
}

pub(crate) async fn me_has_an_avatar_too(app: App) {
    let ana = app.person("Ana").await;
    let me = "/api/v1/users/me/avatar";
    let request = app.post(me).token(&ana.token);
    request.raw("image/png", png(9, 9)).await.is(200);
    let reply = app.get(me).token(&ana.token).await.is(200);
    assert_eq!(reply.body, look(&app, &ana, "").await.body);
    app.delete(me).token(&ana.token).await.is(204);
    let request = app.post(me).token(&app.stranger().token);
    request.raw("image/png", png(9, 9)).await.problem(404);
}

pub(crate) async fn many_uploads_at_once_leave_one_avatar(app: App) {
    let ana = app.person("Ana").await;
    let uploads = (0..12_u8).map(|n| upload(&app, &ana, plain([n * 20, 0, 0])).into_future());
    for reply in futures_util::future::join_all(uploads).await {
        reply.is(200);
    }
    assert_eq!(app.avatar_files(), 8);
    let profile = app.get(&ana.path()).token(&ana.token).await.json();
    let url = profile["avatar_url"].as_str().unwrap();
    app.get(url).token(&ana.token).await.is(200);
}

pub(crate) async fn files_that_are_nobodys_are_collected(app: App) {
    let ana = app.person("Ana").await;
    give(&app, &ana, png(100, 100)).await;
    // As an upload leaves them that was broken off, and as they are where a database came back from yesterday.
    let noted = "0199999d-0000-7000-8000-000000000001";
    let stray = "0199999d-0000-7000-8000-000000000002";
    let young = app.person("Bo").await.id;
    for id in [noted, stray, &young] {
        app.copy_avatar(id);
    }
    assert_eq!(app.avatar_files(), 32);
    app.note_avatar(noted, "2020-01-01 00:00:00").await;
    let outcome = app.run(&["avatars", "gc"]).await.exits(0);
    assert_eq!(outcome.stdout, "removed: 1\n");
    assert_eq!(app.avatar_files(), 24);
    let outcome = app.run(&["avatars", "gc", "--scan", "--dry-run"]).await;
    assert_eq!(outcome.exits(0).stdout, "removed: 0\nstrays found: 1\n");
    let outcome = app.run(&["avatars", "gc", "--scan"]).await.exits(0);
    assert_eq!(outcome.stdout, "removed: 0\nstrays removed: 1\n");
    assert_eq!(app.avatar_files(), 16, "what is of today may be under way");
    look(&app, &ana, "").await.is(200);
}

pub(crate) async fn metrics_tell_what_became_of_uploads(app: App) {
    let ana = app.person("Ana").await;
    give(&app, &ana, png(100, 100)).await;
    upload(&app, &ana, b"no".to_vec()).await.problem(415);
    let metrics = app.get("/metrics").await.is(200).text();
    for outcome in ["stored", "refused"] {
        let line = format!("user_service_avatar_uploads_total{{outcome=\"{outcome}\"}} 1");
        assert!(metrics.contains(&line), "{metrics}");
    }
}

/// The hash under which Libravatar looks for a text.
fn hash(text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest(text);
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from_digit(digit.into(), 16).unwrap())
        .collect()
}

pub(crate) async fn everybody_finds_avatars_by_their_hashes(mut app: App) {
    app.restart_with("LIBRAVATAR", "true").await;
    let ana = app.person("Ana").await;
    let claims = json!({ "email": " Ana@Example.ORG " });
    let ana = app.bearing(&ana, &claims);
    give(&app, &ana, png(100, 100)).await;
    for (path, text) in [("avatars", "ana@example.org"), ("avatar", &*ana.sub)] {
        let path = format!("/{path}/{}", hash(text));
        let reply = app.get(&path).await.is(200);
        assert_eq!(seen(&reply).width, 128, "80 where none is asked for");
        let tag = reply.etag();
        app.get(&path).header("if-none-match", &tag).await.is(304);
        let reply = app
            .get(&format!("{path}.png?s=512&d=404&r=g"))
            .await
            .is(200);
        assert_eq!(seen(&reply).width, 512);
        let reply = app.get(&format!("{path}?s=2147483648")).await.is(200);
        assert_eq!(seen(&reply).width, 512, "the longest for who asks for more");
        let reply = app.get(&path).header("accept", BROWSER).await.is(200);
        assert_eq!(reply.header("content-type"), "image/webp");
    }
    // Whom nobody vouched for is not found by an address.
    let bo = app.person("Bo").await;
    let claims = json!({ "email": "bo@example.org", "email_verified": false });
    give(&app, &app.bearing(&bo, &claims), png(9, 9)).await;
    let path = format!("/avatars/{}", hash("bo@example.org"));
    app.get(&format!("{path}?d=404")).await.problem(404);
    // Who is not active is not found, nor who has no avatar any longer.
    let path = format!("/avatars/{}?d=404", hash(&ana.sub));
    app.set_active(&ana, false).await;
    app.get(&path).await.problem(404);
    app.set_active(&ana, true).await;
    app.get(&path).await.is(200);
    app.delete(&ana.avatar())
        .token(&app.later(&ana).token)
        .await
        .is(204);
    app.get(&path).await.problem(404);
}

pub(crate) async fn who_is_not_found_is_stood_in_for(mut app: App) {
    app.restart_with("LIBRAVATAR", "true").await;
    let path = format!("/avatars/{}", hash("nobody@example.org"));
    let mut drawings = Vec::new();
    for query in ["", "?d=identicon", "?d=blank"] {
        let reply = app.get(&format!("{path}{query}")).await;
        assert_drawn(&reply, "absent");
        drawings.push(reply.text());
    }
    drawings.sort();
    drawings.dedup();
    assert_eq!(drawings.len(), 3);
    let reply = app
        .get(&format!("{path}?d=https%3A%2F%2Fevil.example%2F"))
        .await;
    assert_drawn(&reply, "absent");
    app.get("/avatars/00").await.problem(404);
}

pub(crate) async fn nobody_is_found_by_a_hash_where_it_is_off(app: App) {
    let ana = app.person("Ana").await;
    give(&app, &ana, png(100, 100)).await;
    let path = format!("/avatars/{}", hash(&ana.sub));
    app.get(&path).await.problem(404);
}
