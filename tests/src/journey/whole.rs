//! The journey from the first registration to the refund.

use local::journey::{cancel, hold, pay, scene};

use super::running;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_can_go_the_whole_way_through_the_api_alone() {
    let running = running().await;
    let scene = scene(&running.client, 7).await.unwrap();
    let held = hold(&running.client, &scene).await.unwrap();
    pay(&running.client, &scene, &held).await.unwrap();
    cancel(&running.client, &scene, &held).await.unwrap();
    running.system.shutdown().await;
}
