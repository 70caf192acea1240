// LayerTap
