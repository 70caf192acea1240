// Decodes baseline and progressive JPEG (ITU-T T.81) with libjpeg-turbo. The settings are those of Pillow: the accurate
// integer inverse DCT, and triangle ("fancy") upsampling of chroma.
#include "tap_codecs.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>

#include <jpeglib.h>
#include <jerror.h>

// A progressive file may repeat scans over the whole image without limit, so that a few kilobytes can take hours to
// decode. Real encoders write about ten scans.
enum { maximum_scans = 500 };

struct lt_jpeg_decoder {
  struct jpeg_decompress_struct info;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  lt_codec_result *result;
  JSAMPLE *line;
  // Whether a file that ends early or is damaged is read as far as possible.
  bool allows_truncated;
  // Whether the header has been read. After that, an unknown frame counts as damage.
  bool opened;
  // Whether nothing more can be read from the file.
  bool broken;
  // Whether this code caused the failure, and not the file.
  bool refused;
  // The number of pixels in a row. `start` is the first row of the current read.
  JDIMENSION width;
  JDIMENSION start;
  jmp_buf escape;
};

static lt_codec_status status_of(int code) {
  switch (code) {
  case JWRN_JPEG_EOF:
  case JERR_INPUT_EMPTY:
  case JERR_INPUT_EOF:
    return lt_codec_status_truncated;
  case JERR_ARITH_NOTIMPL:
  case JERR_BAD_PRECISION:
  case JERR_CONVERSION_NOTIMPL:
  case JERR_EMPTY_IMAGE:
  case JERR_FRACT_SAMPLE_NOTIMPL:
  case JERR_CCIR601_NOTIMPL:
  case JERR_SOF_UNSUPPORTED:
    return lt_codec_status_unsupported;
  case JERR_OUT_OF_MEMORY:
    return lt_codec_status_out_of_memory;
  default:
    return lt_codec_status_damaged;
  }
}

static _Noreturn void fail(j_common_ptr common) {
  lt_jpeg_decoder *decoder = common->client_data;
  char message[JMSG_LENGTH_MAX];
  common->err->format_message(common, message);
  snprintf(decoder->result->message, sizeof decoder->result->message, "%s", message);
  decoder->result->status = status_of(common->err->msg_code);
  if (decoder->opened && common->err->msg_code == JERR_SOF_UNSUPPORTED) {
    decoder->result->status = lt_codec_status_damaged;
  }
  longjmp(decoder->escape, 1);
}

// Handles a message of the library; a negative level is a warning. If the library would continue with invented pixels,
// the warning is an error, unless truncated files are allowed. Harmless warnings (stray bytes between segments, odd
// version numbers) are ignored.
static void hear(j_common_ptr common, int level) {
  if (level >= 0) {
    return;
  }
  lt_jpeg_decoder *decoder = common->client_data;
  if (decoder->allows_truncated) {
    return;
  }
  switch (common->err->msg_code) {
  case JWRN_JPEG_EOF:
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_ARITH_BAD_CODE:
  case JWRN_MUST_RESYNC:
  case JWRN_BOGUS_PROGRESSION:
    fail(common);
  default:
    break;
  }
}

static void say_nothing(j_common_ptr common) { (void)common; }

static void watch(j_common_ptr common) {
  lt_jpeg_decoder *decoder = common->client_data;
  if (decoder->info.input_scan_number > maximum_scans) {
    snprintf(decoder->result->message, sizeof decoder->result->message, "more than %d scans",
             maximum_scans);
    decoder->result->status = lt_codec_status_damaged;
    decoder->refused = true;
    longjmp(decoder->escape, 1);
  }
}

void lt_jpeg_open(const uint8_t *bytes, size_t count, lt_jpeg_decoder **opened, uint32_t *width,
                  uint32_t *height, lt_codec_result *result) {
  *opened = NULL;
  *width = *height = 0;
  result->status = lt_codec_status_out_of_memory;
  result->message[0] = 0;
  lt_jpeg_decoder *decoder = calloc(1, sizeof *decoder);
  if (decoder == NULL) {
    return;
  }
  decoder->result = result;
  decoder->info.err = jpeg_std_error(&decoder->errors);
  decoder->errors.error_exit = fail;
  decoder->errors.emit_message = hear;
  decoder->errors.output_message = say_nothing;
  decoder->progress.progress_monitor = watch;
  // The pointer is set before jpeg_create_decompress, because an error in that function needs the pointer. The function
  // keeps the pointer.
  decoder->info.client_data = decoder;
  if (setjmp(decoder->escape)) {
    lt_jpeg_close(decoder);
    return;
  }
  jpeg_create_decompress(&decoder->info);
  decoder->info.progress = &decoder->progress;
  jpeg_mem_src(&decoder->info, bytes, count);
  jpeg_read_header(&decoder->info, TRUE);
  *width = decoder->info.image_width;
  *height = decoder->info.image_height;
  decoder->opened = true;
  *opened = decoder;
  result->status = lt_codec_status_ok;
}

// Converts four inks to RGB light. Files keep Adobe's convention and store 255 - ink. So the stored value is the light
// that the ink lets pass. The formula is Pillow's:
//
//     light = clip(paper - round(ink * paper / 255)),  paper = 255 - black
static void convert_inks(const JSAMPLE *line, uint8_t *pixels, uint32_t width) {
  for (uint32_t x = 0; x < width; x++) {
    int paper = line[4 * x + 3];
    for (int c = 0; c < 3; c++) {
      int product = (255 - line[4 * x + c]) * paper + 128;
      int light = paper - (((product >> 8) + product) >> 8);
      pixels[3 * x + c] = (uint8_t)(light < 0 ? 0 : light);
    }
  }
}

static void begin(lt_jpeg_decoder *decoder, lt_codec_result *result) {
  decoder->result = result;
  result->status = lt_codec_status_ok;
  result->message[0] = 0;
}

// Called after a failure. Returns whether the image ends at this point, as in Pillow; otherwise an error is reported.
static bool ends(lt_jpeg_decoder *decoder) {
  lt_codec_status status = decoder->result->status;
  if (!decoder->allows_truncated || decoder->refused
      || (status != lt_codec_status_damaged && status != lt_codec_status_truncated)) {
    return false;
  }
  decoder->result->status = lt_codec_status_ok;
  decoder->broken = true;
  return true;
}

// Whether the library smooths blocks with the help of their neighbors. The library does this if a progressive file does
// not contain all of the first coefficients. A crop would cut off neighbors that smoothing needs.
static bool smooths(const struct jpeg_decompress_struct *info) {
  if (!info->progressive_mode || info->coef_bits == NULL) {
    return false;
  }
  for (int component = 0; component < info->num_components; component++) {
    for (int coefficient = 0; coefficient < 10; coefficient++) {
      if (info->coef_bits[component][coefficient] != 0) {
        return true;
      }
    }
  }
  return false;
}

void lt_jpeg_start(lt_jpeg_decoder *decoder, const lt_jpeg_options *options, uint32_t *left, uint32_t *width,
                   lt_codec_result *result) {
  begin(decoder, result);
  decoder->allows_truncated = options->allows_truncated;
  decoder->width = *width;
  if (setjmp(decoder->escape)) {
    ends(decoder);
    return;
  }
  struct jpeg_decompress_struct *info = &decoder->info;
  bool inks = info->num_components == 4;
  info->out_color_space = inks ? JCS_CMYK : JCS_RGB;
  info->dct_method = JDCT_ISLOW;
  info->do_fancy_upsampling = TRUE;
  info->scale_num = options->eighths;
  info->scale_denom = 8;
  jpeg_start_decompress(info);
  if (smooths(info)) {
    *left = 0;
    *width = info->output_width;
  } else if (*left > 0 || *width < info->output_width) {
    JDIMENSION first = *left, count = *width;
    jpeg_crop_scanline(info, &first, &count);
    *left = first;
    *width = count;
  }
  decoder->width = *width;
  if (inks) {
    decoder->line = malloc((size_t)info->output_width * 4);
    if (decoder->line == NULL) {
      result->status = lt_codec_status_out_of_memory;
    }
  }
}

// Skips rows. The coefficients of these rows are still read.
static void skip(struct jpeg_decompress_struct *info, JDIMENSION rows) {
  while (rows > 0) {
    JDIMENSION skipped = jpeg_skip_scanlines(info, rows);
    rows = skipped == 0 || skipped >= rows ? 0 : rows - skipped;
  }
}

void lt_jpeg_skip(lt_jpeg_decoder *decoder, uint32_t rows, lt_codec_result *result) {
  begin(decoder, result);
  if (decoder->broken) {
    return;
  }
  if (setjmp(decoder->escape)) {
    ends(decoder);
    return;
  }
  skip(&decoder->info, rows);
}

// Fills the part of an image that is not read: with black, or with white (no ink) in an image of four inks.
static void blank(const lt_jpeg_decoder *decoder, uint8_t *pixels, uint32_t rows) {
  memset(pixels, decoder->info.num_components == 4 ? 255 : 0, (size_t)decoder->width * 3 * rows);
}

void lt_jpeg_read(lt_jpeg_decoder *decoder, uint8_t *pixels, uint32_t count, lt_codec_result *result) {
  begin(decoder, result);
  size_t stride = (size_t)decoder->width * 3;
  if (decoder->broken) {
    blank(decoder, pixels, count);
    return;
  }
  struct jpeg_decompress_struct *info = &decoder->info;
  decoder->start = info->output_scanline;
  if (setjmp(decoder->escape)) {
    if (ends(decoder)) {
      JDIMENSION done = decoder->info.output_scanline - decoder->start;
      blank(decoder, pixels + stride * done, count - done);
    }
    return;
  }
  JDIMENSION start = decoder->start;
  while (info->output_scanline - start < count) {
    uint8_t *row = pixels + stride * (info->output_scanline - start);
    if (decoder->line != NULL) {
      jpeg_read_scanlines(info, &decoder->line, 1);
      convert_inks(decoder->line, row, info->output_width);
    } else {
      // Each call asks for several rows; the library returns as many as are ready.
      JSAMPROW rows[4];
      JDIMENSION wanted = count - (info->output_scanline - start);
      // If a failure must leave complete rows, each call asks for one row.
      JDIMENSION most = decoder->allows_truncated ? 1 : 4;
      wanted = wanted < most ? wanted : most;
      for (JDIMENSION i = 0; i < wanted; i++) {
        rows[i] = row + stride * i;
      }
      jpeg_read_scanlines(info, rows, wanted);
    }
  }
}

void lt_jpeg_finish(lt_jpeg_decoder *decoder, uint8_t *line, lt_codec_result *result) {
  begin(decoder, result);
  if (decoder->broken) {
    return;
  }
  if (setjmp(decoder->escape)) {
    ends(decoder);
    return;
  }
  struct jpeg_decompress_struct *info = &decoder->info;
  // A skip of all rows would leave the rest of the file unread, and a truncation would not be detected.
  if (info->output_scanline < info->output_height) {
    skip(info, info->output_height - 1 - info->output_scanline);
    jpeg_read_scanlines(info, decoder->line != NULL ? &decoder->line : &line, 1);
  }
  // Reads up to the end marker. A file without an end marker is truncated, as in Pillow.
  jpeg_finish_decompress(info);
}

void lt_jpeg_close(lt_jpeg_decoder *decoder) {
  if (decoder != NULL) {
    jpeg_destroy_decompress(&decoder->info);
    free(decoder->line);
    free(decoder);
  }
}

int lt_jpeg_library_version(void) {
#ifdef LIBJPEG_TURBO_VERSION_NUMBER
  return LIBJPEG_TURBO_VERSION_NUMBER;
#else
  return 0;
#endif
}
