// Decodes PNG (ISO/IEC 15948) with libpng. Every color type becomes RGB8: palettes and small depths are expanded, and
// gray is repeated. Samples of 16 bits keep their high byte. Colors with alpha are laid on a gray, or alpha is dropped.
// Gamma is ignored.
#include "tap_codecs.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

struct lt_png_decoder {
  png_structp png;
  png_infop info;
  const uint8_t *next;
  size_t left;
  // Whether the file has an end chunk, and every chunk before it is complete.
  bool has_end;
  lt_codec_result *result;
  // With alpha: memory for one row, or for the whole image if the image is interlaced.
  uint8_t *samples;
  png_bytep *rows;
  jmp_buf escape;
};

static _Noreturn void stop(lt_png_decoder *decoder, lt_codec_status status, const char *message) {
  decoder->result->status = status;
  snprintf(decoder->result->message, sizeof decoder->result->message, "%s", message);
  longjmp(decoder->escape, 1);
}

static _Noreturn void fail(png_structp png, png_const_charp message) {
  stop(png_get_error_ptr(png), lt_codec_status_damaged, message);
}

static void hear(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void feed(png_structp png, png_bytep into, size_t count) {
  lt_png_decoder *decoder = png_get_io_ptr(png);
  if (count > decoder->left) {
    stop(decoder, lt_codec_status_truncated, "");
  }
  memcpy(into, decoder->next, count);
  decoder->next += count;
  decoder->left -= count;
}

// A file is a signature of 8 bytes and chunks. A chunk is its length (4 bytes, big-endian), its type (4), its data and
// a check sum (4).
static bool has_end(const uint8_t *bytes, size_t count) {
  for (size_t at = 8; at + 12 <= count;) {
    if (memcmp(bytes + at + 4, "IEND", 4) == 0) {
      return true;
    }
    size_t length = (size_t)bytes[at] << 24 | (size_t)bytes[at + 1] << 16 | (size_t)bytes[at + 2] << 8 | bytes[at + 3];
    if (length > count - at - 12) {
      return false;
    }
    at += 12 + length;
  }
  return false;
}

void lt_png_open(const uint8_t *bytes, size_t count, lt_png_decoder **opened, uint32_t *width,
                 uint32_t *height, lt_codec_result *result) {
  *opened = NULL;
  *width = *height = 0;
  result->status = lt_codec_status_out_of_memory;
  result->message[0] = 0;
  lt_png_decoder *decoder = calloc(1, sizeof *decoder);
  if (decoder == NULL) {
    return;
  }
  decoder->result = result;
  decoder->next = bytes;
  decoder->left = count;
  decoder->has_end = has_end(bytes, count);
  if (setjmp(decoder->escape)) {
    lt_png_close(decoder);
    return;
  }
  decoder->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, decoder, fail, hear);
  decoder->info = decoder->png == NULL ? NULL : png_create_info_struct(decoder->png);
  if (decoder->info == NULL) {
    lt_png_close(decoder);
    return;
  }
  // Profiles, texts and similar chunks may be compressed at any ratio, and none of them is used.
  png_set_keep_unknown_chunks(decoder->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  // The caller checks the size before memory for pixels is allocated.
  png_set_user_limits(decoder->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_read_fn(decoder->png, decoder, feed);
  png_read_info(decoder->png, decoder->info);
  *width = png_get_image_width(decoder->png, decoder->info);
  *height = png_get_image_height(decoder->png, decoder->info);
  *opened = decoder;
  result->status = lt_codec_status_ok;
}

// Lays samples with alpha on a gray ground, as Pillow does: (c a + ground (255 - a)) / 255, rounded to the nearest
// integer.
static void compose(const uint8_t *samples, uint8_t *pixels, size_t width, unsigned ground) {
  for (size_t x = 0; x < width; x++) {
    unsigned alpha = samples[4 * x + 3];
    for (size_t c = 0; c < 3; c++) {
      unsigned sum = samples[4 * x + c] * alpha + ground * (255 - alpha) + 128;
      pixels[3 * x + c] = (uint8_t)(((sum >> 8) + sum) >> 8);
    }
  }
}

// Sets the conversions to 3 bytes a pixel, or to 4 bytes if alpha is used. Returns the number of bytes of a pixel.
static size_t convert(png_structp png, png_infop info, bool drops_alpha) {
  int color = png_get_color_type(png, info);
  bool has_alpha = (color & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png, info, PNG_INFO_tRNS) != 0;
  if (png_get_bit_depth(png, info) == 16) {
    png_set_strip_16(png);
  }
  if (color == PNG_COLOR_TYPE_PALETTE) {
    png_set_palette_to_rgb(png);
  }
  if ((color & PNG_COLOR_MASK_COLOR) == 0) {
    png_set_expand_gray_1_2_4_to_8(png);
    png_set_gray_to_rgb(png);
  }
  if (has_alpha && !drops_alpha) {
    if (png_get_valid(png, info, PNG_INFO_tRNS) != 0) {
      png_set_tRNS_to_alpha(png);
    }
    return 4;
  }
  // This call also removes the alpha that the expansion of a tRNS chunk would add.
  png_set_strip_alpha(png);
  return 3;
}

static void read_rows(lt_png_decoder *decoder, size_t channels, const lt_png_options *options, uint8_t *pixels) {
  png_structp png = decoder->png;
  size_t width = png_get_image_width(png, decoder->info), height = png_get_image_height(png, decoder->info);
  bool interlaced = png_get_interlace_type(png, decoder->info) != PNG_INTERLACE_NONE;
  if (channels == 4) {
    decoder->samples = calloc(interlaced ? height : 1, width * 4);
    if (decoder->samples == NULL) {
      stop(decoder, lt_codec_status_out_of_memory, "");
    }
  }
  if (!interlaced) {
    for (size_t y = 0; y < height; y++) {
      uint8_t *row = pixels + 3 * width * y;
      png_read_row(png, channels == 4 ? decoder->samples : row, NULL);
      if (channels == 4) {
        compose(decoder->samples, row, width, options->ground);
      }
    }
    return;
  }
  decoder->rows = malloc(height * sizeof *decoder->rows);
  if (decoder->rows == NULL) {
    stop(decoder, lt_codec_status_out_of_memory, "");
  }
  for (size_t y = 0; y < height; y++) {
    decoder->rows[y] = channels == 4 ? decoder->samples + 4 * width * y : pixels + 3 * width * y;
  }
  png_read_image(png, decoder->rows);
  if (channels == 4) {
    compose(decoder->samples, pixels, width * height, options->ground);
  }
}

// Fills the image as if all samples were 0: with black, the palette's first color, or the ground if that color is
// transparent.
static void fill(lt_png_decoder *decoder, const lt_png_options *options, uint8_t *pixels, size_t count) {
  png_structp png = decoder->png;
  png_infop info = decoder->info;
  uint8_t sample[4] = {0, 0, 0, 255}, pixel[3] = {0, 0, 0};
  int color = png_get_color_type(png, info), colors = 0, shades = 0;
  png_colorp palette = NULL;
  png_bytep alphas = NULL;
  if (color == PNG_COLOR_TYPE_PALETTE) {
    if (png_get_PLTE(png, info, &palette, &colors) != 0 && colors > 0) {
      sample[0] = palette[0].red;
      sample[1] = palette[0].green;
      sample[2] = palette[0].blue;
    }
    if (png_get_tRNS(png, info, &alphas, &shades, NULL) != 0 && shades > 0) {
      sample[3] = alphas[0];
    }
  } else if ((color & PNG_COLOR_MASK_ALPHA) != 0) {
    sample[3] = 0;
  }
  if (options->drops_alpha) {
    memcpy(pixel, sample, 3);
  } else {
    compose(sample, pixel, 1, options->ground);
  }
  for (size_t i = 0; i < count; i++) {
    memcpy(pixels + 3 * i, pixel, 3);
  }
}

void lt_png_decode(lt_png_decoder *decoder, const lt_png_options *options, uint8_t *pixels, lt_codec_result *result) {
  decoder->result = result;
  result->status = lt_codec_status_ok;
  result->message[0] = 0;
  png_structp png = decoder->png;
  size_t width = png_get_image_width(png, decoder->info), height = png_get_image_height(png, decoder->info);
  fill(decoder, options, pixels, width * height);
  if (setjmp(decoder->escape)) {
    // Rows that were read before the end are kept.
    if (options->allows_truncated
        && (result->status == lt_codec_status_truncated || result->status == lt_codec_status_damaged)) {
      result->status = lt_codec_status_ok;
      if (decoder->rows != NULL && decoder->samples != NULL) {
        compose(decoder->samples, pixels, width * height, options->ground);
      }
    }
    return;
  }
  if (options->allows_truncated) {
    if (!decoder->has_end) {
      // The library reads compressed data in whole buffers. If a buffer is not full, its data are lost.
      png_set_compression_buffer_size(png, 1);
    }
    // As in Pillow, the check sums of image data are not checked.
    png_set_crc_action(png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
  }
  size_t channels = convert(png, decoder->info, options->drops_alpha);
  png_set_interlace_handling(png);
  png_read_update_info(png, decoder->info);
  if (png_get_rowbytes(png, decoder->info) != width * channels) {
    stop(decoder, lt_codec_status_unsupported, "an unforeseen combination of color type and depth");
  }
  read_rows(decoder, channels, options, pixels);
  png_read_end(png, NULL);
}

void lt_png_close(lt_png_decoder *decoder) {
  if (decoder != NULL) {
    if (decoder->png != NULL) {
      png_destroy_read_struct(&decoder->png, &decoder->info, NULL);
    }
    free(decoder->rows);
    free(decoder->samples);
    free(decoder);
  }
}
