// TapMetrics
