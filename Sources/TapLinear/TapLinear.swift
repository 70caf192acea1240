// TapLinear
