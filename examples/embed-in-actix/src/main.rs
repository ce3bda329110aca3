//! A shop that keeps the profiles of its customers by the crates of Gravity User Service: their API is under `/people`, beside the
//! shop's own routes, and it is the shop that knows who calls.
//!
//!     embed-in-actix DATABASE PORT

mod keys;
mod people;

use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use anyhow::{Context, Result};

#[actix_web::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: embed-in-actix DATABASE PORT";
    let database = arguments.next().context(usage)?;
    let port: u16 = arguments.next().context(usage)?.parse().context(usage)?;
    let people = people::open(&database).await?;
    HttpServer::new(move || {
        App::new()
            .route("/", web::get().to(async || "The shop is open."))
            .service(
                web::scope(people::ROOT)
                    .app_data(web::Data::clone(&people.state))
                    .app_data(web::Data::clone(&people.vitals))
                    .wrap(from_fn(user_service_api::request_context))
                    .configure(|scope| user_service_api::routes(scope, people::API)),
            )
    })
    .workers(2)
    .bind(("127.0.0.1", port))?
    .run()
    .await?;
    Ok(())
}
