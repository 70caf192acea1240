// TapKernels
