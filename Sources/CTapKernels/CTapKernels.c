// CTapKernels
