// Decodes JPEG and PNG files in memory to RGB8, and encodes RGB8 to JPEG and PNG. The libraries report errors by
// longjmp, which may not cross Swift frames. So every call that can fail is in this module and returns a status with a
// message.
//
// A decoder is opened (open reads the header), used, and always closed. It borrows the file's bytes from open to close.
// After a failure, close is the only call that is allowed. This module prints nothing and has no global state.
#ifndef TAP_CODECS_H
#define TAP_CODECS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum __attribute__((enum_extensibility(closed))) lt_codec_status : uint8_t {
  lt_codec_status_ok,
  // The bytes end before the image ends.
  lt_codec_status_truncated,
  // The bytes contradict the format.
  lt_codec_status_damaged,
  // A legal file of a kind that the library does not decode.
  lt_codec_status_unsupported,
  lt_codec_status_out_of_memory,
} lt_codec_status;

// The result of a call: a status, and after a failure the library's own message (ASCII; may be empty).
typedef struct lt_codec_result {
  lt_codec_status status;
  char message[200];
} lt_codec_result;

typedef struct lt_jpeg_decoder lt_jpeg_decoder;
typedef struct lt_png_decoder lt_png_decoder;

// Reads the header. On success *decoder is set and must be closed. On failure *decoder is NULL.
void lt_jpeg_open(const uint8_t *bytes, size_t count, lt_jpeg_decoder **decoder, uint32_t *width,
                  uint32_t *height, lt_codec_result *result);

typedef struct lt_jpeg_options {
  // The size of the decoded image in eighths of the file's size: 1, 2, 4 or 8. Sides are rounded up.
  uint32_t eighths;
  // Whether a file that ends early or is damaged is read as far as possible, as Pillow does with LOAD_TRUNCATED_IMAGES.
  // The library fills the parts that it can read. Everything after the point where the library stops is black, or white
  // in an image of four inks.
  bool allows_truncated;
} lt_jpeg_options;

// Begins to decode columns *left ..< *left + *width. The range is widened to whole blocks, and *left and *width are set
// to the range that the decoded rows have. Chroma depends on neighboring columns, so the first and the last column of a
// row may differ from those of the whole image. Request two more columns than are needed.
void lt_jpeg_start(lt_jpeg_decoder *decoder, const lt_jpeg_options *options, uint32_t *left, uint32_t *width,
                   lt_codec_result *result);
// Skips rows.
void lt_jpeg_skip(lt_jpeg_decoder *decoder, uint32_t rows, lt_codec_result *result);
// Writes the next rows, each of 3 * width bytes.
void lt_jpeg_read(lt_jpeg_decoder *decoder, uint8_t *pixels, uint32_t rows, lt_codec_result *result);
// Reads the rest of the file. `line` must have space for one row.
void lt_jpeg_finish(lt_jpeg_decoder *decoder, uint8_t *line, lt_codec_result *result);
void lt_jpeg_close(lt_jpeg_decoder *decoder);

void lt_png_open(const uint8_t *bytes, size_t count, lt_png_decoder **decoder, uint32_t *width,
                 uint32_t *height, lt_codec_result *result);

typedef struct lt_png_options {
  // If true, colors are taken as stored. Otherwise they are laid on the gray `ground`.
  bool drops_alpha;
  uint8_t ground;
  // If true, a file may end early or be damaged, and the samples of its missing part are 0. If false, such a file is an
  // error.
  bool allows_truncated;
} lt_png_options;

// Writes height rows of 3 * width bytes.
void lt_png_decode(lt_png_decoder *decoder, const lt_png_options *options, uint8_t *pixels, lt_codec_result *result);
void lt_png_close(lt_png_decoder *decoder);

// Writes height rows of 3 * width bytes as a baseline JPEG file of quality 1...100. Returns the length of the file, or
// 0 on failure, for example if capacity is too small.
size_t lt_jpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int quality, uint8_t *file,
                      size_t capacity, lt_codec_result *result);

// Writes height rows of 3 * width bytes as a PNG file of 8-bit RGB. Returns the length of the file, or 0 on failure,
// for example if capacity is too small.
size_t lt_png_encode(const uint8_t *pixels, uint32_t width, uint32_t height, uint8_t *file, size_t capacity,
                     lt_codec_result *result);

// The version of libjpeg-turbo whose headers were compiled, as 1000000 * major + 1000 * minor + patch; 0 for another
// libjpeg.
int lt_jpeg_library_version(void);

#endif
