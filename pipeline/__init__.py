"""Web analytics: from a raw CloudFront log to the sheet."""

VERSION = "0.1.0"
