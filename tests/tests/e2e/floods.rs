//! Too much at once, too often, or for too long.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::client::Reply;
use crate::harness::App;
use crate::people::{Person, USERS};
use crate::pictures;
use crate::redis::Redis;
use crate::replicas::pair;

/// How long something may take that is sure to happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// What refusals for too many requests have in common; answers the seconds to wait.
#[track_caller]
fn exceeds(reply: &Reply, policy: &str) -> u64 {
    let body = reply.problem(429);
    assert_eq!(body["code"], "quota-exceeded", "{body}");
    assert_eq!(body["violated-policies"], json!([policy]), "{body}");
    let limits = fields(reply, "ratelimit");
    let limit = limits
        .iter()
        .find(|l| l.starts_with(&format!("\"{policy}\";r=0;t=")));
    assert!(limit.is_some(), "{limits:?}");
    let wait = reply.header("retry-after").parse().unwrap();
    assert!(wait >= 1);
    wait
}

fn fields(reply: &Reply, name: &str) -> Vec<String> {
    let all = reply.headers.get_all(name).iter();
    all.map(|value| value.to_str().unwrap().to_owned())
        .collect()
}

async fn limited(mut app: App, settings: &[(&str, &str)]) -> App {
    app.set("RATE_LIMITS", "true");
    for (name, value) in settings {
        app.set(name, value);
    }
    app.restart().await;
    app
}

async fn ask(app: &App, person: &Person) -> Reply {
    app.get(&format!("{USERS}?limit=1"))
        .token(&person.token)
        .await
}

pub(crate) async fn whoever_asks_too_often_is_told_to_wait(app: App) {
    let app = limited(app, &[("RATE_LIMIT_DEFAULT", "5/h")]).await;
    let ana = app.stranger();
    for remaining in (0..5).rev() {
        let reply = ask(&app, &ana).await.is(200);
        assert_eq!(
            fields(&reply, "ratelimit-policy"),
            ["\"default\";q=5;w=3600"]
        );
        let limit = fields(&reply, "ratelimit");
        assert!(
            limit[0].starts_with(&format!("\"default\";r={remaining};t=")),
            "{limit:?}"
        );
    }
    for _ in 0..2 {
        let wait = exceeds(&ask(&app, &ana).await, "default");
        assert!((700..=720).contains(&wait), "{wait}");
    }
    // The same person with another token, and under every operation.
    let again = app.signed_in(&ana, "another");
    exceeds(&ask(&app, &again).await, "default");
    let body = json!({ "display_name": "Ana" });
    exceeds(
        &app.post(USERS).token(&ana.token).json(&body).await,
        "default",
    );
    // Nobody else, and nothing that operators ask.
    ask(&app, &app.stranger()).await.is(200);
    for path in ["/health", "/health/live", "/health/ready", "/metrics"] {
        for _ in 0..30 {
            let reply = app.get(path).token(&ana.token).await.is(200);
            assert_eq!(reply.maybe("ratelimit"), None);
        }
    }
    let metrics = app.get("/metrics").await.text();
    let counted = "user_service_rate_limited_total{policy=\"default\"} 4";
    assert!(metrics.contains(counted), "{metrics}");
}

pub(crate) async fn who_waited_is_let_in_again(app: App) {
    let app = limited(app, &[("RATE_LIMIT_DEFAULT", "1/s")]).await;
    let ana = app.stranger();
    ask(&app, &ana).await.is(200);
    let begin = Instant::now();
    loop {
        let reply = ask(&app, &ana).await;
        if reply.status == 200 {
            break;
        }
        assert_eq!(exceeds(&reply, "default"), 1);
        assert!(begin.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub(crate) async fn trusted_services_are_not_counted(app: App) {
    let app = limited(
        app,
        &[("RATE_LIMIT_DEFAULT", "1/h"), ("RATE_LIMIT_SEARCH", "1/h")],
    )
    .await;
    let trusted = app.service("users:read rate-limit:exempt");
    for _ in 0..5 {
        let search = format!("{USERS}/search?q=ana");
        let reply = app.get(&search).token(&trusted.token).await.is(200);
        assert_eq!(reply.maybe("ratelimit"), None);
    }
    // The scope is matched as a whole, and being an administrator is no reason.
    for person in [app.service("rate-limit:exempted"), app.admin()] {
        ask(&app, &person).await.is(200);
        exceeds(&ask(&app, &person).await, "default");
    }
}

pub(crate) async fn strangers_are_counted_by_their_networks(app: App) {
    let settings = [
        ("RATE_LIMIT_ANONYMOUS", "3/h"),
        ("TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let app = limited(app, &settings).await;
    let from = |address: &str| app.get(USERS).header("x-forwarded-for", address);
    for (network, addresses) in [
        ("192.0.2.1", ["192.0.2.1"; 4]),
        (
            "2001:db8:1:1::/64",
            [
                "2001:db8:1:1::1",
                "2001:db8:1:1::2",
                "2001:db8:1:1:ffff::3",
                "2001:db8:1:1::4",
            ],
        ),
    ] {
        let [first, second, third, last] = addresses;
        // Without a token, with a bad one, and for what is not there: it all counts.
        from(first).await.refused("missing-token");
        from(second).token("guess").await.refused("invalid-token");
        app.get("/nothing")
            .header("x-forwarded-for", third)
            .await
            .problem(404);
        exceeds(&from(last).token("another guess").await, "anonymous");
        exceeds(&from(last).await, "anonymous");
        // A good token is known from everywhere.
        let reply = from(last).token(app.stranger().token).await;
        assert_eq!(reply.status, 200, "{network}: {}", reply.text());
    }
    from("192.0.2.2").await.refused("missing-token");
    // Whoever is no proxy cannot choose an address.
    let mut app = app;
    app.unset("TRUSTED_PROXIES");
    app.restart().await;
    for n in 0..4 {
        let reply = app
            .get(USERS)
            .header("x-forwarded-for", &format!("198.51.100.{n}"))
            .await;
        if n < 3 {
            reply.refused("missing-token");
        } else {
            exceeds(&reply, "anonymous");
        }
    }
}

pub(crate) async fn searches_and_uploads_have_quotas_of_their_own(app: App) {
    let settings = [("RATE_LIMIT_SEARCH", "2/h"), ("RATE_LIMIT_UPLOADS", "1/h")];
    let app = limited(app, &settings).await;
    let ana = app.person("Ana").await;
    let search = async || {
        app.get(&format!("{USERS}/search?q=ana"))
            .token(&ana.token)
            .await
    };
    let upload = async || {
        let post = app
            .post(&format!("{}/avatar", ana.path()))
            .token(&ana.token);
        post.raw("image/png", pictures::plain([1, 2, 3])).await
    };
    for _ in 0..2 {
        let reply = search().await.is(200);
        let policies = fields(&reply, "ratelimit-policy");
        assert!(policies[0].starts_with("\"default\";"), "{policies:?}");
        assert_eq!(policies[1], "\"search\";q=2;w=3600");
    }
    exceeds(&search().await, "search");
    upload().await.is(200);
    exceeds(&upload().await, "uploads");
    ask(&app, &ana).await.is(200);
}

pub(crate) async fn each_limit_can_be_turned_off(app: App) {
    let app = limited(
        app,
        &[
            ("RATE_LIMIT_DEFAULT", "off"),
            ("RATE_LIMIT_ANONYMOUS", "1/h"),
        ],
    )
    .await;
    let ana = app.stranger();
    for _ in 0..150 {
        let reply = ask(&app, &ana).await.is(200);
        assert_eq!(reply.maybe("ratelimit"), None);
    }
    app.get(USERS).await.refused("missing-token");
    exceeds(&app.get(USERS).await, "anonymous");
    let mut app = app;
    app.restart_with("RATE_LIMITS", "false").await;
    for _ in 0..30 {
        app.get(USERS).await.refused("missing-token");
    }
}

pub(crate) async fn replicas_count_together(app: App) {
    let redis = Redis::start().await;
    let settings = [
        ("RATE_LIMITS", "true"),
        ("RATE_LIMIT_DEFAULT", "60/h:40"),
        ("REDIS_URL", &redis.url()),
    ];
    let [a, b] = pair(app, &settings).await;
    let begin = Instant::now();
    loop {
        let ana = a.stranger();
        let mut granted = 0;
        for n in 0..80 {
            let replica = if n % 2 == 0 { &a } else { &b };
            granted += u32::from(ask(replica, &ana).await.status == 200);
        }
        assert!((40..=80).contains(&granted), "{granted}");
        // Each replica may keep a tenth of the bucket to itself for a moment.
        if granted <= 48 {
            for replica in [&a, &b] {
                exceeds(&ask(replica, &ana).await, "default");
            }
            break;
        }
        // Redis was late, as it may be on a busy machine: then each replica counts alone.
        assert!(begin.elapsed() < PATIENCE * 2, "{granted}");
    }
}

pub(crate) async fn a_lost_redis_limits_nobody_more_and_holds_nobody_up(app: App) {
    let redis = Redis::start().await;
    let settings = [
        ("RATE_LIMITS", "true"),
        ("RATE_LIMIT_DEFAULT", "10/h"),
        ("REDIS_URL", &redis.url()),
    ];
    let [a, b] = pair(app, &settings).await;
    redis.freeze();
    for replica in [&a, &b] {
        let ana = a.stranger();
        for _ in 0..10 {
            let begin = Instant::now();
            ask(replica, &ana).await.is(200);
            let took = begin.elapsed();
            assert!(took < Duration::from_secs(2), "{took:?}");
        }
        // Each counts for itself.
        exceeds(&ask(replica, &ana).await, "default");
    }
    redis.thaw();
}

/// Holds a table, so that everybody who needs it waits.
async fn holding(app: &App) -> PgConnection {
    let mut holder = PgConnection::connect(app.database_url()).await.unwrap();
    let lock = "BEGIN; LOCK TABLE user_profiles IN ACCESS EXCLUSIVE MODE";
    holder.execute(sqlx::raw_sql(lock)).await.unwrap();
    holder
}

pub(crate) async fn a_request_is_given_up_at_its_deadline(mut app: App) {
    app.set("REQUEST_TIMEOUT", "1");
    app.set("DB_POOL_SIZE", "1");
    app.restart_with("DB_STATEMENT_TIMEOUT", "20").await;
    let admin = app.admin().token;
    let path = format!("{USERS}?limit=1");
    app.get(&path).token(&admin).await.is(200);
    let holder = holding(&app).await;
    let begin = Instant::now();
    let reply = app.get(&path).token(&admin).await;
    reply.coded(504, "deadline-exceeded");
    assert!(!reply.header("retry-after").is_empty());
    assert!(
        begin.elapsed() < Duration::from_secs(4),
        "{:?}",
        begin.elapsed()
    );
    holder.close().await.unwrap();
    // The connection that was waited on is free again, or another one is made.
    app.get(&path).token(&admin).await.is(200);
}

pub(crate) async fn a_statement_is_ended_in_time(mut app: App) {
    app.restart_with("DB_STATEMENT_TIMEOUT", "1").await;
    let admin = app.admin().token;
    let path = format!("{USERS}?limit=1");
    app.get(&path).token(&admin).await.is(200);
    let holder = holding(&app).await;
    let begin = Instant::now();
    app.get(&path).token(&admin).await.coded(503, "unavailable");
    assert!(
        begin.elapsed() < Duration::from_secs(4),
        "{:?}",
        begin.elapsed()
    );
    holder.close().await.unwrap();
    app.get(&path).token(&admin).await.is(200);
}

pub(crate) async fn what_there_is_no_room_for_is_refused_at_once(mut app: App) {
    app.set("DB_STATEMENT_TIMEOUT", "5");
    app.restart_with("MAX_IN_FLIGHT", "4").await;
    let admin = app.admin().token;
    let path = format!("{USERS}?limit=1");
    app.get(&path).token(&admin).await.is(200);
    let holder = holding(&app).await;
    let waiting = join_all((0..4).map(|_| app.get(&path).token(&admin).into_future()));
    let probing = async {
        // Once the four are there nobody else is let in, but for operators.
        let begin = Instant::now();
        loop {
            let reply = app.get(USERS).token(&admin).header("x-probe", "1");
            let asked = Instant::now();
            let reply = tokio::time::timeout(Duration::from_millis(500), reply.into_future()).await;
            if let Ok(reply) = reply {
                reply.coded(503, "overloaded");
                assert!(!reply.header("retry-after").is_empty());
                assert!(asked.elapsed() < Duration::from_millis(400));
                break;
            }
            assert!(begin.elapsed() < PATIENCE);
        }
        for path in ["/health/live", "/health/ready"] {
            app.get(path).await.is(200);
        }
        let metrics = app.get("/metrics").await.text();
        assert!(
            metrics.contains("user_service_shed_total{reason=\"in_flight\"}"),
            "{metrics}"
        );
        holder.close().await.unwrap();
    };
    let (replies, ()) = tokio::join!(waiting, probing);
    for reply in replies {
        assert!([200, 503].contains(&reply.status), "{}", reply.text());
    }
    app.get(&path).token(&admin).await.is(200);
}

pub(crate) async fn who_would_wait_in_vain_is_turned_away(mut app: App) {
    app.set("DB_POOL_SIZE", "1");
    app.set("WORKERS", "1");
    app.set("DB_ACQUIRE_TIMEOUT", "1");
    app.restart_with("DB_STATEMENT_TIMEOUT", "15").await;
    let admin = app.admin().token;
    let path = app.person("Ana").await.path();
    app.get(&path).token(&admin).await.is(200);
    let holder = holding(&app).await;
    // Waves of those who wait; some time after the first one waited in vain, others do not wait any more.
    let wave = async |delay: u64| {
        tokio::time::sleep(Duration::from_millis(delay)).await;
        let begin = Instant::now();
        // Somebody else each time: those who are one person wait for one answer together.
        let reply = app.get(&path).token(app.admin().token).await;
        (begin.elapsed(), reply)
    };
    let waves = join_all((0..40).map(|n| wave(n * 100)));
    let released = async {
        tokio::time::sleep(Duration::from_millis(4500)).await;
        holder.close().await.unwrap();
    };
    let (replies, ()) = tokio::join!(waves, released);
    let mut at_once = 0;
    for (took, reply) in &replies {
        assert!([200, 503].contains(&reply.status), "{}", reply.text());
        assert!(*took < Duration::from_secs(6), "{took:?}");
        if reply.status == 503 {
            assert!(!reply.header("retry-after").is_empty());
            at_once += u32::from(*took < Duration::from_millis(500));
        }
    }
    assert!(at_once >= 5, "{at_once} were turned away at once");
    app.get(&path).token(&admin).await.is(200);
}

/// Ends every connection of the service, as a restart of the server would.
async fn end_connections(app: &App) {
    let sql = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name = 'user-service'";
    let mut connection = PgConnection::connect(app.database_url()).await.unwrap();
    connection
        .execute(sqlx::raw_sql(AssertSqlSafe(sql)))
        .await
        .unwrap();
    connection.close().await.unwrap();
}

pub(crate) async fn who_reads_after_a_restart_of_the_database_notices_nothing(app: App) {
    let ana = app.person("Ana").await;
    for _ in 0..5 {
        for _ in 0..8 {
            ask(&app, &ana).await.is(200);
        }
        end_connections(&app).await;
        // Connections are kept while they are used: these were not, for a moment.
        tokio::time::sleep(Duration::from_millis(150)).await;
        for _ in 0..4 {
            ask(&app, &ana).await.is(200);
        }
    }
}

pub(crate) async fn a_lost_connection_before_the_commit_is_no_failure(app: App) {
    // Changes of preferences read and write in one unit of work: it is repeated as a whole.
    let ana = app.person("Ana").await;
    for round in 0..5 {
        end_connections(&app).await;
        let body = json!({ "custom_settings": { "round": round } });
        let patch = app.patch(&ana.preferences()).token(&ana.token).json(&body);
        patch.await.is(200);
        let read = app.read(&ana.preferences(), &ana).await;
        assert_eq!(read["custom_settings"]["round"], round);
    }
}
