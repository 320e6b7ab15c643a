//! The release binary embeds the built site: build again when the site was built again.

fn main() {
    println!("cargo:rerun-if-changed=../target/site");
}
