"""AG-UI over HTTP: POST /ag-ui takes a run's input and answers with its events."""
