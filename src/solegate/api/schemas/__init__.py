"""What goes over the wire, one file per thing: camelCase names, amounts as strings, times aware and UTC.

These models are the API's own promise: StockX may add or rename fields without changing them.
"""
