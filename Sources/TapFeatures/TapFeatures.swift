// TapFeatures
