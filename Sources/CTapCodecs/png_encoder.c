// Encodes RGB8 as PNG (ISO/IEC 15948) with libpng into the caller's memory.
#include "tap_codecs.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <png.h>

typedef struct {
  png_structp png;
  png_infop info;
  uint8_t *next;
  size_t left;
  lt_codec_result *result;
  jmp_buf escape;
} encoder;

static _Noreturn void stop(encoder *self, lt_codec_status status, const char *message) {
  self->result->status = status;
  snprintf(self->result->message, sizeof self->result->message, "%s", message);
  longjmp(self->escape, 1);
}

static _Noreturn void fail(png_structp png, png_const_charp message) {
  stop(png_get_error_ptr(png), lt_codec_status_unsupported, message);
}

static void hear_nothing(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void take(png_structp png, png_bytep bytes, size_t count) {
  encoder *self = png_get_io_ptr(png);
  if (count > self->left) {
    stop(self, lt_codec_status_out_of_memory, "the file needs more room than given");
  }
  memcpy(self->next, bytes, count);
  self->next += count;
  self->left -= count;
}

static void flush_nothing(png_structp png) { (void)png; }

size_t lt_png_encode(const uint8_t *pixels, uint32_t width, uint32_t height, uint8_t *file, size_t capacity,
                     lt_codec_result *result) {
  result->status = lt_codec_status_ok;
  result->message[0] = 0;
  encoder self = {.next = file, .left = capacity, .result = result};
  if (setjmp(self.escape)) {
    png_destroy_write_struct(&self.png, &self.info);
    return 0;
  }
  self.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &self, fail, hear_nothing);
  self.info = self.png == NULL ? NULL : png_create_info_struct(self.png);
  if (self.info == NULL) {
    stop(&self, lt_codec_status_out_of_memory, "");
  }
  png_set_write_fn(self.png, &self, take, flush_nothing);
  png_set_IHDR(self.png, self.info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(self.png, self.info);
  for (uint32_t y = 0; y < height; y++) {
    png_write_row(self.png, pixels + (size_t)width * 3 * y);
  }
  png_write_end(self.png, NULL);
  png_destroy_write_struct(&self.png, &self.info);
  return capacity - self.left;
}
