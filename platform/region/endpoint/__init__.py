"""The one AWS endpoint of the region, on loopback.

A request is answered in this order:

1. `server` reads it (HTTP/1.1, keep-alive, chunked and large bodies as streams).
2. `scope` reads service and region from the signature; what is not signed has to be something that
   AWS also answers unsigned, or it is refused.
3. `endpoint` sends it on: `/_region/` to the control interface, a stopped region gets 503, one of
   our services to `operations`, everything else through `proxy` to the emulator.
4. `operations` parses it by botocore's model (`protocols`), calls the service's method, cuts the
   answer into pages (`pages`) and serialises it.
"""
