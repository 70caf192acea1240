// JPEG and PNG files in memory to RGB8, and RGB8 to JPEG. The libraries report errors by longjmp, which may not cross
// Swift frames, so every call that can fail stays here and comes back as a status with a message.
//
// A decoder is used in this order: open (reads the header), decode (once), close (always). It
// borrows the file's bytes from open to close. Nothing here prints, and nothing is global.
#ifndef CTAP_CODECS_H
#define CTAP_CODECS_H

#include <stddef.h>
#include <stdint.h>

typedef enum __attribute__((enum_extensibility(closed))) lt_codec_status : uint8_t {
  lt_codec_status_ok,
  // The bytes end before the picture does.
  lt_codec_status_truncated,
  // The bytes contradict the format.
  lt_codec_status_damaged,
  // A legal file of a kind that the library does not decode.
  lt_codec_status_unsupported,
  lt_codec_status_out_of_memory,
} lt_codec_status;

// What open and decode tell: a status, and for failures the library's own words (ASCII, may be empty).
typedef struct lt_codec_result {
  lt_codec_status status;
  char message[200];
} lt_codec_result;

typedef struct lt_jpeg_decoder lt_jpeg_decoder;
typedef struct lt_png_decoder lt_png_decoder;

// Reads the header. On success *decoder is set and must be closed; on failure it is NULL.
void lt_jpeg_open(const uint8_t *bytes, size_t count, lt_jpeg_decoder **decoder, uint32_t *width,
                  uint32_t *height, lt_codec_result *result);
// Writes height rows of 3 * width bytes.
void lt_jpeg_decode(lt_jpeg_decoder *decoder, uint8_t *pixels, lt_codec_result *result);
void lt_jpeg_close(lt_jpeg_decoder *decoder);

void lt_png_open(const uint8_t *bytes, size_t count, lt_png_decoder **decoder, uint32_t *width,
                 uint32_t *height, lt_codec_result *result);
void lt_png_decode(lt_png_decoder *decoder, uint8_t *pixels, lt_codec_result *result);
void lt_png_close(lt_png_decoder *decoder);

// Writes height rows of 3 * width bytes as a baseline JPEG file of quality 1...100, and returns its length;
// 0 on failure, among others where capacity is too small.
size_t lt_jpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int quality, uint8_t *file,
                      size_t capacity, lt_codec_result *result);

// libjpeg-turbo's version as 1000000 * major + 1000 * minor + patch, of the headers compiled against;
// 0 for another libjpeg.
int lt_jpeg_library_version(void);

#endif
