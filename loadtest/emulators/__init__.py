"""Providers as they look from the wire, with named latencies and faults, so that nothing needs a key or a network.

Nothing of the agent is imported: an emulator knows its provider's protocol and not who speaks to it.
"""

import os

#: A second thread of BLAS waits for work by spinning: half of what recognisers cost. Read when NumPy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
