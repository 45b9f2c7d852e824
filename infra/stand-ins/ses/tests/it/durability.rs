//! What survives the process.

use ses_stand_in::{FILE_NAME, OpenError, SesStandIn};

use crate::bed::{Bed, json};

#[tokio::test]
async fn an_acknowledged_mail_survives_a_kill() {
    let (before, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let bed = Bed::start(SesStandIn::open(Some(before.path())).unwrap()).await;
    bed.send_to("ada@example.com", "kept").await;
    // The files as a killed process leaves them: nothing closed, no log folded in.
    for name in [FILE_NAME.to_owned(), format!("{FILE_NAME}-wal")] {
        std::fs::copy(before.path().join(&name), after.path().join(&name)).unwrap();
    }
    let reopened = SesStandIn::open(Some(after.path())).unwrap();
    let mails = json(&reopened, "to=ada@example.com").await;
    assert_eq!((mails.len(), mails[0]["subject"].as_str()), (1, Some("kept")));
}

#[test]
fn a_file_of_another_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE_NAME);
    drop(SesStandIn::open(Some(folder.path())).unwrap());
    // The version stands at byte 60 of an SQLite file, as four bytes with the highest first.
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[63] = 99;
    std::fs::write(&file, &bytes).unwrap();
    assert!(matches!(
        SesStandIn::open(Some(folder.path())),
        Err(OpenError::Schema(99))
    ));
}
