"""Takes events over HTTP and answers once Kafka has them."""
