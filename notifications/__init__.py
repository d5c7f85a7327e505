"""Messages, the outbox, delivery and proof of service; knows no case and no ballot."""
