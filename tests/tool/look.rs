use crate::samples::Sample;
#[test]
fn look() {
    let Ok(to) = std::env::var("LOOK") else { return };
    for engine in [
        "table",
        #[cfg(feature = "rocks")]
        "rocks",
    ] {
        let mut s = Sample::new(engine);
        s.file("full.kbs");
        s.file_with("zstd.kbs", &[("compression", "zstd")]);
        s.directories();
        s.file("later.kbs");
        let (dir, _) = s.close();
        let to = format!("{to}/{engine}");
        std::fs::create_dir_all(&to).unwrap();
        assert!(
            std::process::Command::new("cp")
                .args(["-r", &format!("{}/.", dir.path().display()), &to])
                .status()
                .unwrap()
                .success()
        );
    }
}
