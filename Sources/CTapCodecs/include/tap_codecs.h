// JPEG and PNG files in memory to RGB8, and RGB8 to JPEG. The libraries report errors by longjmp, which may not cross
// Swift frames, so every call that can fail stays here and returns a status with a message.
//
// A decoder is opened (which reads the header), used, and always closed. It borrows the file's bytes from open to
// close. After a failure only close may be called. Nothing here prints, and nothing is global.
#ifndef TAP_CODECS_H
#define TAP_CODECS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum __attribute__((enum_extensibility(closed))) lt_codec_status : uint8_t {
  lt_codec_status_ok,
  // The bytes end before the image does.
  lt_codec_status_truncated,
  // The bytes contradict the format.
  lt_codec_status_damaged,
  // A legal file of a kind that the library does not decode.
  lt_codec_status_unsupported,
  lt_codec_status_out_of_memory,
} lt_codec_status;

// The result of open and decode: a status, and for failures the library's own words (ASCII, may be empty).
typedef struct lt_codec_result {
  lt_codec_status status;
  char message[200];
} lt_codec_result;

typedef struct lt_jpeg_decoder lt_jpeg_decoder;
typedef struct lt_png_decoder lt_png_decoder;

// Reads the header. On success *decoder is set and must be closed; on failure it is NULL.
void lt_jpeg_open(const uint8_t *bytes, size_t count, lt_jpeg_decoder **decoder, uint32_t *width,
                  uint32_t *height, lt_codec_result *result);

typedef struct lt_jpeg_options {
  // The size of the decoded image: 1, 2, 4 or 8 eighths of the file's, sides rounded up.
  uint32_t eighths;
  // A file that ends early or is damaged is read as far as possible, as Pillow does with LOAD_TRUNCATED_IMAGES: the
  // library fills the parts that it can, and everything after the point where it stops is black.
  bool allows_truncated;
} lt_jpeg_options;

// Begins decoding of columns *left ..< *left + *width. They are widened to whole blocks, and both are set to the
// columns that rows then have. The first and last columns of such a row may differ from the whole image's, by a
// neighbor's chroma: request two more columns than are needed.
void lt_jpeg_start(lt_jpeg_decoder *decoder, const lt_jpeg_options *options, uint32_t *left, uint32_t *width,
                   lt_codec_result *result);
// Skips rows.
void lt_jpeg_skip(lt_jpeg_decoder *decoder, uint32_t rows, lt_codec_result *result);
// Writes the next rows, each of 3 * width bytes.
void lt_jpeg_read(lt_jpeg_decoder *decoder, uint8_t *pixels, uint32_t rows, lt_codec_result *result);
// Reads the rest of the file; `line` has space for one row.
void lt_jpeg_finish(lt_jpeg_decoder *decoder, uint8_t *line, lt_codec_result *result);
void lt_jpeg_close(lt_jpeg_decoder *decoder);

void lt_png_open(const uint8_t *bytes, size_t count, lt_png_decoder **decoder, uint32_t *width,
                 uint32_t *height, lt_codec_result *result);

typedef struct lt_png_options {
  // Colors are taken as stored; else they are laid on this gray.
  bool drops_alpha;
  uint8_t ground;
  // In a file that ends early or is damaged, the samples of the missing part are 0, instead of an error.
  bool allows_truncated;
} lt_png_options;

// Writes height rows of 3 * width bytes.
void lt_png_decode(lt_png_decoder *decoder, const lt_png_options *options, uint8_t *pixels, lt_codec_result *result);
void lt_png_close(lt_png_decoder *decoder);

// Writes height rows of 3 * width bytes as a baseline JPEG file of quality 1...100, and returns its length; 0 on
// failure, for example if capacity is too small.
size_t lt_jpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int quality, uint8_t *file,
                      size_t capacity, lt_codec_result *result);

// libjpeg-turbo's version as 1000000 * major + 1000 * minor + patch, of the headers compiled against;
// 0 for another libjpeg.
int lt_jpeg_library_version(void);

#endif
