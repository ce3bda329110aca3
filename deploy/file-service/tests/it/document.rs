//! The document of the protocol names what is served.

use reqwest::Method;
use serde_json::Value;

use crate::service::Service;

#[tokio::test]
async fn every_operation_of_the_document_is_served() {
    let text = include_str!("../../../../docs/file-service.openapi.json");
    let document: Value = serde_json::from_str(text).unwrap();
    let service = Service::start();
    let mut operations = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.replace("{key}", "a");
        for method in ["get", "put", "delete"] {
            let Some(operation) = item.get(method) else {
                continue;
            };
            operations += 1;
            let sent = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let answer = service.request(sent, &path).send().await.unwrap();
            let status = answer.status().as_u16();
            assert_ne!(status, 405, "{method} {path}");
            let told = operation["responses"].get(status.to_string());
            assert!(told.is_some(), "{method} {path} answers {status}");
        }
    }
    assert_eq!(operations, 6);
}
