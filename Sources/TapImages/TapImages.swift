// TapImages
