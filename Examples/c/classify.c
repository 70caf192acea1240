/* Features of labeled photographs, a classifier of these features, and predictions for other photographs.
 *
 *   classify PREFIX CLASS=IMAGE... IMAGE...
 *
 * The images with a class train the classifier, and the others are classified. The program writes the features of the
 * labeled images to PREFIX.f32, as rows of float32, and the classifier to PREFIX.layertap. */
#include <layertap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends the program if a call failed. */
static void check(int32_t status, const char *what) {
  if (status == LAYERTAP_OK) return;
  fprintf(stderr, "%s: %s (status %d)\n", what, layertap_error(), (int)status);
  exit(status == LAYERTAP_STOPPED ? 130 : 1);
}

static void *memory(size_t count, size_t size) {
  void *result = calloc(count > 0 ? count : 1, size);
  if (result != NULL) return result;
  fprintf(stderr, "no memory for %zu values\n", count);
  exit(1);
}

static int32_t show(void *context, int32_t stage, size_t done, size_t total) {
  if (stage == LAYERTAP_STAGE_EXTRACTING) fprintf(stderr, "%s: %zu of %zu\n", (const char *)context, done, total);
  return 0;
}

/* The index of a class in `names`, which gets a class that it lacks. */
static int64_t class_index(layertap_text *names, size_t *count, const char *name, size_t size) {
  for (size_t i = 0; i < *count; i++) {
    if (names[i].size == size && memcmp(names[i].data, name, size) == 0) return (int64_t)i;
  }
  names[*count].data = name;
  names[*count].size = size;
  return (int64_t)(*count)++;
}

static void write_features(const char *prefix, const float *features, size_t count) {
  char path[4096];
  snprintf(path, sizeof path, "%s.f32", prefix);
  FILE *file = fopen(path, "wb");
  if (file == NULL || fwrite(features, sizeof *features, count, file) != count || fclose(file) != 0) {
    perror(path);
    exit(1);
  }
}

int main(int argc, char **argv) {
  if (layertap_abi() != LAYERTAP_ABI) {
    fprintf(stderr, "the library has interface %d, the program needs %d\n", (int)layertap_abi(), LAYERTAP_ABI);
    return 1;
  }
  if (argc < 4) {
    fprintf(stderr, "usage: %s PREFIX CLASS=IMAGE... IMAGE...\n", argv[0]);
    return 64;
  }
  const char *prefix = argv[1];

  /* The images: first the labeled ones, then the others. */
  size_t words = (size_t)argc - 2, count = 0, others = 0, class_count = 0;
  layertap_image *images = memory(words, sizeof *images);
  layertap_image *unknown = memory(words, sizeof *unknown);
  layertap_text *names = memory(words, sizeof *names);
  int64_t *classes = memory(words, sizeof *classes);
  for (int i = 2; i < argc; i++) {
    const char *equals = strchr(argv[i], '=');
    const char *path = equals == NULL ? argv[i] : equals + 1;
    layertap_image image = {.kind = LAYERTAP_IMAGE_PATH, .data = path, .size = strlen(path)};
    if (equals == NULL) {
      unknown[others++] = image;
    } else {
      classes[count] = class_index(names, &class_count, argv[i], (size_t)(equals - argv[i]));
      images[count++] = image;
    }
  }

  /* A network, and a layer of it. */
  layertap_backbone backbone;
  check(layertap_backbone_open("efficientnet_lite0", strlen("efficientnet_lite0"), NULL, 0, &backbone), "backbone");
  const char *layers = "{\"layers\": [\"blocks.10\"], \"pool\": [\"avg\"]}";
  layertap_extractor extractor;
  check(layertap_extractor_create(backbone, layers, strlen(layers), &extractor), "extractor");
  size_t dimensions;
  check(layertap_extractor_dimensions(extractor, &dimensions, 1), "dimensions");

  /* Features, into the program's own memory. */
  float *features = memory(count * dimensions, sizeof *features);
  layertap_output output = {.data = features, .rows = count, .columns = dimensions};
  layertap_work work = {.progress = show, .context = "features"};
  check(layertap_extract(extractor, images, count, &work, &output, 1, NULL, NULL), "features");
  write_features(prefix, features, count * dimensions);
  printf("features %zu x %zu, the first is %.9g\n", count, dimensions, features[0]);

  /* A logistic regression on the features as they are. */
  layertap_matrix matrix = {.data = features,
                            .rows = count,
                            .columns = dimensions,
                            .row_stride = (int64_t)(dimensions * sizeof *features),
                            .column_stride = sizeof *features,
                            .type = LAYERTAP_FLOAT32};
  layertap_targets targets = {.classes = classes, .rows = count, .class_count = class_count, .names = names};
  const char *settings = "{\"c\": 1}";
  layertap_model model;
  check(layertap_fit(&matrix, &targets, settings, strlen(settings), NULL, &model), "fit");
  layertap_facts facts;
  check(layertap_model_facts(model, &facts), "facts");
  printf("objective %.9g, at most %.3g above its minimum, after %zu steps\n", facts.objective, facts.gap,
         facts.iterations);

  /* A classifier of images, in a file and here. */
  layertap_classifier classifier;
  check(layertap_model_classifier(model, extractor, &matrix, &targets, &classifier), "classifier");
  char path[4096];
  snprintf(path, sizeof path, "%s.layertap", prefix);
  check(layertap_classifier_save(classifier, path, strlen(path), 0), path);

  /* Predictions. An image that cannot be read has a text instead. */
  int64_t *predicted = memory(others, sizeof *predicted);
  double *probabilities = memory(others * class_count, sizeof *probabilities);
  layertap_texts errors;
  check(layertap_classifier_predict_images(classifier, unknown, others, NULL, predicted, probabilities, NULL, NULL,
                                           &errors),
        "predictions");
  for (size_t i = 0; i < others; i++) {
    if (predicted[i] < 0) {
      const char *error;
      check(layertap_texts_get(errors, i, &error, NULL), "error");
      printf("no class: %s\n", error);
      continue;
    }
    const layertap_text *name = &names[predicted[i]];
    printf("%s: %.*s %.17g\n", (const char *)unknown[i].data, (int)name->size, name->data,
           probabilities[i * class_count + (size_t)predicted[i]]);
  }

  layertap_handle handles[] = {errors, classifier, model, extractor, backbone};
  for (size_t i = 0; i < sizeof handles / sizeof *handles; i++) check(layertap_release(handles[i]), "release");
  free(probabilities);
  free(predicted);
  free(features);
  free(classes);
  free(names);
  free(unknown);
  free(images);
  return 0;
}
