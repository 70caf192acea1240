// Encodes baseline JPEG (ITU-T T.81) with libjpeg-turbo into the caller's memory. The library's own growing buffer
// would leak if an error jumped out of the library.
#include "tap_codecs.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>
#include <jerror.h>

typedef struct {
  struct jpeg_compress_struct info;
  struct jpeg_error_mgr errors;
  struct jpeg_destination_mgr destination;
  lt_codec_result *result;
  jmp_buf escape;
} encoder;

static _Noreturn void fail(j_common_ptr common) {
  encoder *self = common->client_data;
  char message[JMSG_LENGTH_MAX];
  common->err->format_message(common, message);
  snprintf(self->result->message, sizeof self->result->message, "%s", message);
  self->result->status = common->err->msg_code == JERR_OUT_OF_MEMORY ? lt_codec_status_out_of_memory
                                                                     : lt_codec_status_unsupported;
  longjmp(self->escape, 1);
}

static void hear_nothing(j_common_ptr common, int level) {
  (void)common;
  (void)level;
}

static void say_nothing(j_common_ptr common) { (void)common; }

static void begin(j_compress_ptr info) { (void)info; }

static boolean refuse(j_compress_ptr info) {
  encoder *self = info->client_data;
  snprintf(self->result->message, sizeof self->result->message, "the file needs more room than given");
  self->result->status = lt_codec_status_out_of_memory;
  longjmp(self->escape, 1);
}

static void end(j_compress_ptr info) { (void)info; }

size_t lt_jpeg_encode(const uint8_t *pixels, uint32_t width, uint32_t height, int quality, uint8_t *file,
                      size_t capacity, lt_codec_result *result) {
  result->status = lt_codec_status_ok;
  result->message[0] = 0;
  encoder self = {.result = result};
  self.info.err = jpeg_std_error(&self.errors);
  self.errors.error_exit = fail;
  self.errors.emit_message = hear_nothing;
  self.errors.output_message = say_nothing;
  self.info.client_data = &self;
  if (setjmp(self.escape)) {
    jpeg_destroy_compress(&self.info);
    return 0;
  }
  struct jpeg_compress_struct *info = &self.info;
  jpeg_create_compress(info);
  self.destination.next_output_byte = file;
  self.destination.free_in_buffer = capacity;
  self.destination.init_destination = begin;
  self.destination.empty_output_buffer = refuse;
  self.destination.term_destination = end;
  info->dest = &self.destination;
  info->image_width = width;
  info->image_height = height;
  info->input_components = 3;
  info->in_color_space = JCS_RGB;
  jpeg_set_defaults(info);
  jpeg_set_quality(info, quality, TRUE);
  info->dct_method = JDCT_ISLOW;
  info->optimize_coding = TRUE;
  jpeg_start_compress(info, TRUE);
  while (info->next_scanline < info->image_height) {
    // The library does not write to its input, although its type is not const.
    JSAMPROW row = (JSAMPROW)(uintptr_t)(pixels + (size_t)width * 3 * info->next_scanline);
    jpeg_write_scanlines(info, &row, 1);
  }
  jpeg_finish_compress(info);
  size_t count = capacity - self.destination.free_in_buffer;
  jpeg_destroy_compress(info);
  return count;
}
