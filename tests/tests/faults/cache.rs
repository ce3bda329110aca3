//! Redis goes away, slows down, or forgets.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::proxy::{Mode, Proxy};
use crate::redis::Redis;
use crate::trial::{Figures, Promise, Trial};
use crate::world::{Place, World};

async fn with_redis(world: &World, url: &str) -> Place {
    world.place(&[("REDIS_URL", url)]).await
}

pub(crate) async fn killed(world: &mut World) -> Figures {
    let mut redis = Redis::start().await;
    let place = with_redis(world, &redis.url()).await;
    let mut trial = Trial::begin(&[&place.app]).await;
    redis.kill();
    trial.goes_on(2.0).await;
    redis.run().await;
    trial.mends();
    trial.end(&place.app, Promise::UNNOTICED).await
}

pub(crate) async fn frozen(world: &mut World) -> Figures {
    let redis = Redis::start().await;
    let place = with_redis(world, &redis.url()).await;
    let mut trial = Trial::begin(&[&place.app]).await;
    redis.freeze();
    trial.goes_on(3.0).await;
    redis.thaw();
    trial.mends();
    trial.end(&place.app, Promise::UNNOTICED).await
}

async fn over_a_way(world: &World, mode: Mode) -> Figures {
    let redis = Redis::start().await;
    let way = Proxy::start(redis.url().replace("redis://", "")).await;
    let place = with_redis(world, &format!("redis://127.0.0.1:{}", way.port())).await;
    let mut trial = Trial::begin(&[&place.app]).await;
    way.set(mode);
    trial.goes_on(3.0).await;
    way.set(Mode::Open);
    trial.mends();
    trial.end(&place.app, Promise::UNNOTICED).await
}

pub(crate) async fn slow(world: &mut World) -> Figures {
    over_a_way(world, Mode::Slow(Duration::from_millis(300))).await
}

pub(crate) async fn cut_off(world: &mut World) -> Figures {
    over_a_way(world, Mode::Cut).await
}

pub(crate) async fn flushed(world: &mut World) -> Figures {
    let redis = Redis::start().await;
    let place = with_redis(world, &redis.url()).await;
    let mut trial = Trial::begin(&[&place.app]).await;
    let address = redis.url().replace("redis://", "");
    for _ in 0..20 {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let mut answer = [0; 5];
        stream.write_all(b"FLUSHALL\r\n").await.unwrap();
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"+OK\r\n");
        trial.goes_on(0.1).await;
    }
    trial.mends();
    trial.end(&place.app, Promise::UNNOTICED).await
}
