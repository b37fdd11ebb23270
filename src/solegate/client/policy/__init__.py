"""Pure decisions of the client: values in, values out; time and chance are arguments."""
