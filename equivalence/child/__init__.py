"""The side of the verifier that runs user code: needs Python 3.11, NumPy and pandas only, and no installed deloop."""
