"""Pure rules and values of the business: no clock, no chance, no network, no database."""
