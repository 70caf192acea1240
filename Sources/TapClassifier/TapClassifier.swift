// TapClassifier
