"""The only folder of deloop that the user's program sees on PYTHONPATH: it holds `sitecustomize`."""
