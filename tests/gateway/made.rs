//! What the gateway tells Internet senders, as others read it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

/// A mail that the gateway made, as Python's email package reads it.
pub(crate) struct Made {
    pub(crate) to: String,
    pub(crate) mail: Value,
}

impl Made {
    /// A field of the header, of the part about the message (0), or of that about recipient 1, 2 and so on.
    pub(crate) fn field(&self, group: Option<usize>, name: &str) -> Option<&str> {
        let fields = group.map_or(&self.mail["header"], |group| &self.mail["status"][group]);
        fields[name.to_lowercase()].as_str()
    }

    pub(crate) fn assert_status(&self, recipient: usize, action: &str, status: &str) {
        let found = (self.field(Some(recipient), "Action"), self.field(Some(recipient), "Status"));
        assert_eq!(found, (Some(action), Some(status)), "{:#}", self.mail);
    }
}

/// What Python finds in a notification; it must find no defect.
pub(crate) fn python(mail: &[u8]) -> Value {
    const SCRIPT: &str = "\
import email, email.policy, json, sys
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.SMTP)
fields = lambda part: {name.lower(): str(value) for name, value in part.items()}
parts = list(mail.iter_parts())
defects = [str(defect) for part in mail.walk() for defect in part.defects]
status = [fields(group) for group in parts[1].get_payload()]
print(json.dumps({
    'type': mail.get_content_type(), 'report': mail.get_param('report-type'), 'defects': defects,
    'header': fields(mail), 'text': parts[0].get_content(), 'status': status,
    'parts': [part.get_content_type() for part in parts],
    'returned': parts[2].as_string() if len(parts) > 2 else None,
}))";
    let mut python = Command::new("python3");
    python.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut python = python.spawn().expect("python3 is installed");
    python.stdin.take().unwrap().write_all(mail).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(mail));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["defects"], Value::Array(Vec::new()), "{found:#}");
    assert_eq!(found["type"], "multipart/report");
    assert_eq!(found["report"], "delivery-status");
    found
}
