"""The device's end of ESPHome's native API, as far as a Bluetooth proxy speaks it.

Written from developers.esphome.io ("ESPHome API Protocol Details") and the field numbers of
`api.proto`; Noise from noiseprotocol.org, revision 34.
"""
