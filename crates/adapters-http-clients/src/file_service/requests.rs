//! The requests of the protocol, one attempt each.

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, RequestBuilder};
use url::Url;
use user_service_domain::avatar::{Picture, Variant};
use user_service_domain::ids::AvatarId;

use super::page::{self, Page};
use super::{FileServiceError, FileServiceSettings, digest, keys};
use crate::client::{Answer, CallError, ServiceClient};
use crate::service_url::ServiceUrl;

/// The longest file that is read, in bytes; none that is put comes near it.
const MAX_FILE: usize = 16 << 20;

/// The longest answer of any other kind, in bytes: a thousand folders take a tenth.
const MAX_ANSWER: usize = 1 << 20;

/// How a problem is written (RFC 9457).
const PROBLEM: &str = "application/problem+json";

/// Sends requests with the token.
pub(super) struct Requests {
    client: ServiceClient,
    service: ServiceUrl,
    authorization: HeaderValue,
}

impl Requests {
    pub(super) fn new(
        service: &ServiceUrl,
        token: &str,
        settings: &FileServiceSettings,
    ) -> Result<Self, FileServiceError> {
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(FileServiceError::Token);
        }
        let mut authorization = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_wrong| FileServiceError::Token)?;
        authorization.set_sensitive(true);
        Ok(Self {
            client: ServiceClient::new(service, settings.timeout, settings.measures.clone())?,
            service: service.clone(),
            authorization,
        })
    }

    fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.client
            .request(method, url)
            .header(AUTHORIZATION, self.authorization.clone())
    }

    /// The address of a file.
    fn file(&self, id: AvatarId, variant: Variant) -> Url {
        self.service
            .at(&format!("/files/{}", keys::file(id, variant)))
    }

    pub(super) async fn put(&self, id: AvatarId, picture: &Picture) -> Result<(), CallError> {
        let variant = picture.variant;
        let request = self
            .request(Method::PUT, self.file(id, variant))
            .header(CONTENT_TYPE, variant.format.media_type())
            .header(digest::FIELD, digest::of(&picture.bytes))
            .body(picture.bytes.clone());
        let answer = self.client.send(request, MAX_ANSWER).await?;
        match answer.status.as_u16() {
            201 | 204 => Ok(()),
            409 => Err(CallError::Senseless("another file has this key")),
            other => Err(CallError::Status(other)),
        }
    }

    pub(super) async fn get(
        &self,
        id: AvatarId,
        variant: Variant,
    ) -> Result<Option<Vec<u8>>, CallError> {
        let request = self.request(Method::GET, self.file(id, variant));
        let answer = self.client.send(request, MAX_FILE).await?;
        match answer.status.as_u16() {
            200 => match digest::is_kept(&answer.headers, &answer.body) {
                Some(true) => Ok(Some(answer.body)),
                Some(false) => Err(CallError::Senseless("the file has another digest")),
                None => Err(CallError::Senseless("the file has no digest")),
            },
            // Another 404 is that of somebody on the way who knows nothing of files.
            404 if is_problem(&answer) => Ok(None),
            other => Err(CallError::Status(other)),
        }
    }

    pub(super) async fn delete(&self, id: AvatarId) -> Result<(), CallError> {
        let mut url = self.service.at("/files");
        url.query_pairs_mut()
            .append_pair("prefix", &keys::folder(id));
        let request = self.request(Method::DELETE, url);
        let answer = self.client.send(request, MAX_ANSWER).await?;
        match answer.status.as_u16() {
            204 => Ok(()),
            other => Err(CallError::Status(other)),
        }
    }

    pub(super) async fn list(&self, after: &str, limit: usize) -> Result<Page, CallError> {
        let mut url = self.service.at("/files");
        url.query_pairs_mut()
            .append_pair("prefix", keys::ALL)
            .append_pair("delimiter", "/")
            .append_pair("after", after)
            .append_pair("limit", &limit.to_string());
        let request = self.request(Method::GET, url);
        let answer = self.client.send(request, MAX_ANSWER).await?;
        match answer.status.as_u16() {
            200 => page::parse(&answer.body, after),
            other => Err(CallError::Status(other)),
        }
    }

    /// Whether the service says that it is well. Asked without the token.
    pub(super) async fn health(&self) -> Result<(), CallError> {
        let request = self.client.request(Method::GET, self.service.at("/health"));
        let answer = self.client.send(request, MAX_ANSWER).await?;
        if answer.status.is_success() {
            Ok(())
        } else {
            Err(CallError::Status(answer.status.as_u16()))
        }
    }
}

fn is_problem(answer: &Answer) -> bool {
    answer
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case(PROBLEM))
}
