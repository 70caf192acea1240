// The libjpeg interface of libjpeg-turbo. jpeglib.h needs the types of stdio.h, so stdio.h is included first.
#include <stddef.h>
#include <stdio.h>
#include <jpeglib.h>
