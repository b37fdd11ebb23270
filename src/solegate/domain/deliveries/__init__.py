"""What happened reaches who wants to know: subscribers, deliveries, and the decisions about both."""
