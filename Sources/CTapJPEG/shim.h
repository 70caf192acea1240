// libjpeg-turbo through its libjpeg interface; jpeglib.h needs stdio's types first.
#include <stddef.h>
#include <stdio.h>
#include <jpeglib.h>
