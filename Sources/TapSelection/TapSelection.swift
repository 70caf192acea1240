// TapSelection
