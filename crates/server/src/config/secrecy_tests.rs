//! Promises about secrets and files that hold them.

use secrecy::ExposeSecret;

use super::{
    tests::{STRONG, World},
    *,
};

#[test]
fn a_setting_can_be_read_from_a_file() {
    let files = World::new();
    let path = files.file("secret", &format!("{STRONG}\r\n"));
    let world = World::new()
        .env("JWT_SECRET_KEY", "")
        .env("JWT_SECRET_KEY_FILE", path.to_str().unwrap());
    let config = world.load().unwrap();
    assert_eq!(config.jwt_secret_key.unwrap().expose_secret(), STRONG);

    let both = world.env("JWT_SECRET_KEY", STRONG).faults();
    assert!(
        both.contains("JWT_SECRET_KEY (environment): JWT_SECRET_KEY_FILE is given too"),
        "{both}"
    );

    let world = World::new().env("PORT_FILE", path.to_str().unwrap());
    let wrong = world.faults();
    assert!(
        wrong.contains("PORT (environment, by the file it names): must be"),
        "{wrong}"
    );
    assert!(!wrong.contains(STRONG));

    let missing = World::new().toml("port_file = '/nowhere'").faults();
    assert!(missing.contains("PORT_FILE cannot be read"), "{missing}");
    // a higher layer may name the setting itself
    let world = World::new()
        .toml(&format!("port_file = '{}'", path.display()))
        .env("PORT", "5");
    assert_eq!(world.load().unwrap().port, 5);
}

#[test]
fn secrets_that_look_like_something_else_stay_text() {
    let secret = "00123456789e00123456789012345678901234567890";
    for secret in [
        secret,
        "[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9]",
        "{a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8}",
    ] {
        let by_env = World::new().env("JWT_SECRET_KEY", secret);
        let by_file = World::new()
            .env("JWT_SECRET_KEY", "")
            .dotenv(&format!("JWT_SECRET_KEY='{secret}'"));
        for world in [by_env, by_file] {
            let config = world.load().unwrap();
            assert_eq!(config.jwt_secret_key.unwrap().expose_secret(), secret);
        }
    }
}

#[test]
fn secrets_are_never_printed() {
    let world = World::new()
        .env("DATABASE_URL", "postgresql+asyncpg://u:hunter2@h/d")
        .env("CURSOR_SECRET_KEY", &STRONG.repeat(2));
    let config = world.load().unwrap();
    for text in [show(&config), format!("{config:?}")] {
        assert!(
            !text.contains(STRONG) && !text.contains("hunter2"),
            "{text}"
        );
    }
    let shown = show(&config);
    assert!(
        shown.contains("DATABASE_URL=postgres://u:********@h/d  # environment"),
        "{shown}"
    );
    assert!(
        shown.contains("JWT_SECRET_KEY=********  # environment"),
        "{shown}"
    );
    assert!(shown.contains("JWT_ISSUER=  # not set"), "{shown}");

    let worlds = [
        World::new()
            .env("JWT_SECRET_KEY", "hunter2")
            .env("CURSOR_SECRET_KEY", "hunter2"),
        World::new().env("DATABASE_URL", "mssql://u:hunter2@h/d"),
        World::new().env("AUTH_SERVICE_URL", "https://u:hunter2@auth.example"),
        World::new().toml("port = 1\njwt_secret_key = hunter2"),
        World::new().toml("jwt_secret_key = 'hunter2"),
        World::new().dotenv("PORT=1\nJWT_SECRET_KEY=hunter2 and more\n"),
        World::new().dotenv("JWT_SECRET_KEY='hunter2\n"),
    ];
    for world in worlds {
        let text = world.faults();
        assert!(!text.contains("hunter2"), "{text}");
    }
    let text = World::new()
        .dotenv("PORT=1\nJWT_SECRET_KEY=hunter2 and more\n")
        .faults();
    assert!(text.contains("line 2"), "{text}");
}

#[test]
fn developers_may_have_a_weak_secret() {
    let world = World::new().env("JWT_SECRET_KEY", "x");
    assert!(Config::load(&world.sources, Purpose::Dev).is_ok());
    assert!(Config::load(&Sources::default(), Purpose::Dev).is_err());
}
