// PNG (ISO/IEC 15948) through libpng. Every colour type becomes RGB8: palettes and small depths are
// expanded, grey is repeated, 16 bits keep their high byte, alpha and gamma are ignored.
#include "CTapCodecs.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

struct lt_png_decoder {
  png_structp png;
  png_infop info;
  const uint8_t *next;
  size_t left;
  lt_codec_result *result;
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
  // Profiles, texts and the like may be compressed at any ratio, and none is used.
  png_set_keep_unknown_chunks(decoder->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  // The caller judges the size, before anything is allocated for pixels.
  png_set_user_limits(decoder->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_read_fn(decoder->png, decoder, feed);
  png_read_info(decoder->png, decoder->info);
  *width = png_get_image_width(decoder->png, decoder->info);
  *height = png_get_image_height(decoder->png, decoder->info);
  *opened = decoder;
  result->status = lt_codec_status_ok;
}

void lt_png_decode(lt_png_decoder *decoder, uint8_t *pixels, lt_codec_result *result) {
  decoder->result = result;
  result->status = lt_codec_status_ok;
  result->message[0] = 0;
  if (setjmp(decoder->escape)) {
    return;
  }
  png_structp png = decoder->png;
  int colour = png_get_color_type(png, decoder->info);
  if (png_get_bit_depth(png, decoder->info) == 16) {
    png_set_strip_16(png);
  }
  if (colour == PNG_COLOR_TYPE_PALETTE) {
    png_set_palette_to_rgb(png);
  }
  if ((colour & PNG_COLOR_MASK_COLOR) == 0) {
    png_set_expand_gray_1_2_4_to_8(png);
    png_set_gray_to_rgb(png);
  }
  // Also cancels the alpha that a tRNS chunk would add in the expansion.
  png_set_strip_alpha(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, decoder->info);
  size_t stride = (size_t)png_get_image_width(png, decoder->info) * 3;
  size_t height = png_get_image_height(png, decoder->info);
  if (png_get_rowbytes(png, decoder->info) != stride) {
    stop(decoder, lt_codec_status_unsupported, "an unforeseen combination of colour type and depth");
  }
  decoder->rows = malloc(height * sizeof *decoder->rows);
  if (decoder->rows == NULL) {
    result->status = lt_codec_status_out_of_memory;
    return;
  }
  for (size_t y = 0; y < height; y++) {
    decoder->rows[y] = pixels + stride * y;
  }
  png_read_image(png, decoder->rows);
  png_read_end(png, NULL);
}

void lt_png_close(lt_png_decoder *decoder) {
  if (decoder != NULL) {
    if (decoder->png != NULL) {
      png_destroy_read_struct(&decoder->png, &decoder->info, NULL);
    }
    free(decoder->rows);
    free(decoder);
  }
}
