/* Classifies an image file by a server, which `layertap predict MODEL --listen unix:PATH` starts, and prints its line
 * of JSON.
 *
 * usage: client PATH IMAGE */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void write_all(int server, const void *bytes, size_t size) {
  for (const char *rest = bytes; size > 0;) {
    ssize_t count = write(server, rest, size);
    if (count <= 0) exit(74);
    rest += count, size -= (size_t)count;
  }
}

static void write_number(int server, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; i++) write_all(server, &(uint8_t){(uint8_t)(value >> (8 * i))}, 1);
}

int main(int count, char **words) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (count != 3 || strlen(words[1]) >= sizeof address.sun_path) return 64;
  strcpy(address.sun_path, words[1]);
  FILE *file = fopen(words[2], "rb");
  if (!file || fseek(file, 0, SEEK_END)) return 66;
  size_t size = (size_t)ftell(file);
  char *image = malloc(size + 1);
  rewind(file);
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  if (!image || fread(image, 1, size, file) != size || connect(server, (void *)&address, sizeof address)) return 74;
  write_number(server, strlen(words[2]), 4);
  write_all(server, words[2], strlen(words[2]));
  write_number(server, size, 8);
  write_all(server, image, size);
  for (char letter; read(server, &letter, 1) == 1 && putchar(letter) != '\n';) {}
  free(image), fclose(file), close(server);
  return 0;
}
