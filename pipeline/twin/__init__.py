"""The local twin: CloudFront on this machine, around the edge function that is deployed."""
