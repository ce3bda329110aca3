//! Files are put, got and deleted.

use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::service::{MAX_SIZE, Service, TOKEN, assert_problem, digest};

const KEY: &str = "avatars/0190/64.webp";

#[tokio::test]
async fn a_file_comes_back_with_its_digest() {
    let service = Service::start();
    let bytes: Vec<u8> = (0..=255).cycle().take(MAX_SIZE).collect();
    assert_eq!(service.put(KEY, &bytes).await, 201);
    let answer = service.get(&format!("/files/{KEY}")).await;
    assert_eq!(answer.status(), 200);
    let headers = answer.headers();
    assert_eq!(headers["content-digest"], digest(&bytes).as_str());
    assert_eq!(headers["content-length"], MAX_SIZE.to_string().as_str());
    assert_eq!(headers["content-type"], "image/webp");
    assert!(headers.contains_key("etag"));
    assert_eq!(answer.bytes().await.unwrap(), bytes);
}

#[tokio::test]
async fn a_key_keeps_its_first_file() {
    let service = Service::start();
    assert_eq!(service.put(KEY, b"first").await, 201);
    assert_eq!(service.put(KEY, b"first").await, 204);
    assert_eq!(service.put(KEY, b"second").await, 409);
    let answer = service.get(&format!("/files/{KEY}")).await;
    assert_eq!(answer.bytes().await.unwrap(), "first");
}

#[tokio::test]
async fn a_file_and_a_folder_do_not_share_a_name() {
    let service = Service::start();
    assert_eq!(service.put("a/b", b"x").await, 201);
    assert_eq!(service.put("a/b/c", b"x").await, 409);
    assert_eq!(service.put("a/b/c/d", b"x").await, 409);
    assert_eq!(service.put("a", b"x").await, 409);
    assert_problem(service.get("/files/a").await, 404).await;
    assert_problem(service.get("/files/a/b/c").await, 404).await;
    assert_eq!(service.delete("/files/a").await, 204);
    assert_eq!(service.delete("/files/a/b/c").await, 204);
    assert_eq!(service.get("/files/a/b").await.status(), 200);
}

#[tokio::test]
async fn the_same_put_at_once_makes_one_file() {
    let service = std::sync::Arc::new(Service::start());
    let puts: Vec<_> = (0..16)
        .map(|_| {
            let service = std::sync::Arc::clone(&service);
            tokio::spawn(async move { service.put(KEY, b"the same").await })
        })
        .collect();
    let mut created = 0;
    for put in puts {
        match put.await.unwrap() {
            201 => created += 1,
            other => assert_eq!(other, 204),
        }
    }
    assert_eq!(created, 1);
}

#[tokio::test]
async fn what_is_absent_is_404_and_may_be_deleted() {
    let service = Service::start();
    assert_problem(service.get(&format!("/files/{KEY}")).await, 404).await;
    assert_eq!(service.delete(&format!("/files/{KEY}")).await, 204);
    assert_eq!(service.put(KEY, b"x").await, 201);
    assert_eq!(service.delete(&format!("/files/{KEY}")).await, 204);
    assert_problem(service.get(&format!("/files/{KEY}")).await, 404).await;
    assert_eq!(service.put(KEY, b"y").await, 201);
}

#[tokio::test]
async fn everything_below_a_prefix_is_deleted_and_nothing_else() {
    let service = Service::start();
    for key in ["a/1/x", "a/1/y/z", "a/10/x", "a/2", "b"] {
        assert_eq!(service.put(key, b"x").await, 201);
    }
    for _ in 0..2 {
        assert_eq!(service.delete("/files?prefix=a/1/").await, 204);
        let (keys, _, _) = service.list("").await;
        assert_eq!(keys, ["a/10/x", "a/2", "b"]);
    }
    for bad in [
        "",
        "?prefix=",
        "?prefix=a",
        "?prefix=/",
        "?prefix=../",
        "?x=1",
    ] {
        let answer = service.request(Method::DELETE, &format!("/files{bad}"));
        assert_problem(answer.send().await.unwrap(), 400).await;
    }
    assert_eq!(service.list("").await.0.len(), 3);
}

#[tokio::test]
async fn a_file_that_is_not_what_was_promised_is_refused() {
    let service = Service::start();
    let put = || {
        service
            .request(Method::PUT, &format!("/files/{KEY}"))
            .body("x")
    };
    assert_problem(put().send().await.unwrap(), 400).await;
    for field in [
        digest(b"y"),
        "sha-256=:AAAA:".to_owned(),
        "sha-512=:AAAA:".to_owned(),
        "nonsense".to_owned(),
    ] {
        let answer = put().header("content-digest", field).send().await.unwrap();
        assert_problem(answer, 400).await;
    }
    assert_eq!(service.list("").await.0, Vec::<String>::new());
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused() {
    let service = Service::start();
    assert_eq!(service.put(KEY, &vec![1; MAX_SIZE + 1]).await, 413);
    assert_eq!(service.list("").await.0, Vec::<String>::new());
}

#[tokio::test]
async fn who_does_not_know_the_token_learns_nothing() {
    let service = Service::start();
    assert_eq!(service.put(KEY, b"x").await, 201);
    for path in ["/files", "/files/avatars/0190/64.webp", "/files/none"] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let bare = || service.bare(method.clone(), path);
            for request in [
                bare(),
                bare().bearer_auth("0123456789abcdeg"),
                bare().bearer_auth(""),
                bare().header("authorization", TOKEN),
                bare().basic_auth("x", Some(TOKEN)),
            ] {
                let answer = request.send().await.unwrap();
                assert_eq!(answer.headers()["www-authenticate"], "Bearer");
                assert_problem(answer, 401).await;
            }
        }
    }
    let health = service.bare(Method::GET, "/health").send().await.unwrap();
    assert_eq!(health.status(), 200);
}

/// Sends a request as it is written here, which clients would not.
async fn raw(service: &Service, head: &str) -> String {
    let mut stream = TcpStream::connect(service.address).await.unwrap();
    let request =
        format!("{head}host: x\r\nauthorization: Bearer {TOKEN}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn no_key_leads_out_of_the_directory() {
    let service = Service::start();
    std::fs::write(service.directory.path().join("secret"), "hunter2").unwrap();
    for path in [
        "/files/../secret",
        "/files/%2e%2e/secret",
        "/files/..%2fsecret",
        "/files/a/../../secret",
        "/files/./x",
        "/files//etc/passwd",
        "/files/%2fetc%2fpasswd",
        "/files/a%00b",
        "/files/A",
        "/files/",
    ] {
        let answer = raw(&service, &format!("GET {path} HTTP/1.1\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 40"), "{path}: {answer}");
        assert!(!answer.contains("hunter2"));
    }
}

#[tokio::test]
async fn a_file_that_is_cut_off_is_not_kept() {
    let service = Service::start();
    let mut stream = TcpStream::connect(service.address).await.unwrap();
    let head = format!(
        "PUT /files/{KEY} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n\
         content-digest: {}\r\ncontent-length: 10\r\n\r\nfive!",
        digest(b"five!")
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(!answer.contains(" 201 "), "{answer}");
    assert_eq!(service.list("").await.0, Vec::<String>::new());
}

#[tokio::test]
async fn other_methods_and_paths_are_problems() {
    let service = Service::start();
    for path in ["/files", "/files/a"] {
        let answer = service.request(Method::PATCH, path).send().await.unwrap();
        assert_problem(answer, 405).await;
    }
    assert_problem(service.get("/other").await, 404).await;
}

#[tokio::test]
async fn what_a_crash_left_is_cleared_and_files_stay() {
    let service = Service::start();
    assert_eq!(service.put(KEY, b"x").await, 201);
    let parts = service.directory.path().join("parts");
    std::fs::write(parts.join("left"), "half").unwrap();
    let again = Service::over(service.directory);
    assert_eq!(std::fs::read_dir(parts).unwrap().count(), 0);
    assert_eq!(again.list("").await.0, [KEY]);
}
