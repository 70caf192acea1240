/* layertap.h: features of images at any layer of a frozen network, and linear models on features, from C.
 *
 * Documentation/C.md explains how to build, link and use the library.
 *
 * Every function that returns int32_t returns a status: LAYERTAP_OK or the kind of the error. After an error,
 * layertap_error returns a sentence about it. After an error no output is written, except where a function says so.
 *
 * Inputs. A text or a path is a pointer and a size in bytes, and needs no zero at its end. Texts and paths are UTF-8. A
 * path has no zero byte. A null pointer with size 0 is an empty text. Settings are a JSON object with the names and
 * values of pipeline files; an empty text takes every default. The library copies all inputs that it needs after a
 * call. During a call the caller must not change the memory that it passed.
 *
 * Memory. The library checks null pointers, sizes, strides and contents. The library cannot check that memory belongs
 * to the caller: a pointer to memory that is too short or freed is undefined behavior.
 *
 * Threads. Any thread may call any function at any time, also with handles that other threads use. A handle that one
 * thread releases during another thread's call stays alive until that call ends.
 */
#ifndef LAYERTAP_H
#define LAYERTAP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface. A program compares it with layertap_abi() after loading the library. */
#define LAYERTAP_ABI 1

/* Statuses. Those from 64 are the exit codes of the command `layertap`. */
#define LAYERTAP_OK 0
#define LAYERTAP_ARGUMENT 1    /* a null pointer, or sizes or values that contradict each other */
#define LAYERTAP_HANDLE 2      /* a handle that was released, has another kind, or never existed */
#define LAYERTAP_FORKED 3      /* the process was forked during a call; see Documentation/C.md */
#define LAYERTAP_USAGE 64      /* an invalid setting, an unknown layer or column */
#define LAYERTAP_DATA 65       /* an input with the wrong content */
#define LAYERTAP_MISSING 66    /* a file, weights or images do not exist */
#define LAYERTAP_SOFTWARE 70   /* an error in this library */
#define LAYERTAP_OUTPUT 73     /* a result cannot be created at the given path */
#define LAYERTAP_IO 74         /* a read or a write failed */
#define LAYERTAP_TEMPORARY 75  /* another process uses the store, or the disk is full */
#define LAYERTAP_PERMISSION 77 /* permission denied by the operating system */
#define LAYERTAP_STOPPED 130   /* the progress function asked to stop */

/* An object of the library. 0 is never a handle. A handle keeps its kind and a generation, so that a released handle or
 * a handle of another kind is LAYERTAP_HANDLE. */
typedef uint64_t layertap_handle;

typedef layertap_handle layertap_texts;      /* texts that the library returns */
typedef layertap_handle layertap_backbone;   /* a network with its weights and preprocessing */
typedef layertap_handle layertap_extractor;  /* a backbone and the columns (layers with a pooling) to compute */
typedef layertap_handle layertap_store;      /* a store of features on disk, open for reading */
typedef layertap_handle layertap_data;       /* features of labeled images or rows */
typedef layertap_handle layertap_model;      /* a linear model as it was fitted, in double precision */
typedef layertap_handle layertap_classifier; /* a classifier as in a classifier file, of rows or also of images */

/* ---- The library ---------------------------------------------------------------------------------------------- */

/* LAYERTAP_ABI of the library. */
int32_t layertap_abi(void);

/* The version, such as "0.2.0". The text is never freed. */
const char *layertap_version(void);

/* The text of the calling thread's last error, UTF-8 with a zero at its end; "" if the thread's last call succeeded. The
 * text is valid until the thread's next call of a function that returns a status. A call of layertap_release that
 * succeeds leaves the text as it is, so that a program can release what it has before it reads the text. */
const char *layertap_error(void);

/* The number of processors that this process may use, at least 1. */
size_t layertap_available_threads(void);

/* Releases a handle of any kind. 0 is accepted, and nothing happens. */
int32_t layertap_release(layertap_handle handle);

/* ---- Texts ---------------------------------------------------------------------------------------------------- */

/* A text or a path that the caller passes. */
typedef struct layertap_text {
  const char *data;
  size_t size;
} layertap_text;

/* The number of texts. */
int32_t layertap_texts_count(layertap_texts texts, size_t *count);

/* A text by its index from 0: UTF-8, with a zero after its `size` bytes. The memory is valid until the handle is
 * released. `size` may be NULL. */
int32_t layertap_texts_get(layertap_texts texts, size_t index, const char **data, size_t *size);

/* ---- Long calls ----------------------------------------------------------------------------------------------- */

/* Parts of the work that a progress function hears about. */
#define LAYERTAP_STAGE_STARTING 0    /* nothing is counted yet; done and total are 0 */
#define LAYERTAP_STAGE_IDENTIFYING 1 /* reading images to find their rows in a store */
#define LAYERTAP_STAGE_FILLING 2     /* computing new columns of rows that a store has */
#define LAYERTAP_STAGE_EXTRACTING 3  /* computing features of images */
#define LAYERTAP_STAGE_FITTING 4     /* fitting models to choose the column and C; fits are counted */
#define LAYERTAP_STAGE_ESTIMATING 5  /* fitting models for a nested estimate; fits are counted */
#define LAYERTAP_STAGE_PREDICTING 6  /* predicting classes of images */

/* Reports progress. The library calls the function on the thread that made the call: about ten times a second, also if
 * nothing new is done, and once at the end. A result other than 0 asks the call to stop: it returns LAYERTAP_STOPPED
 * after the current images or the current step of a solver. The function may call other functions of the library. */
typedef int32_t (*layertap_progress)(void *context, int32_t stage, size_t done, size_t total);

/* How a call works. NULL in place of a pointer to this struct takes 0 for every field. */
typedef struct layertap_work {
  size_t threads;             /* the number of threads; 0 for all available; changes no result */
  layertap_progress progress; /* NULL for none */
  void *context;              /* passed to `progress` */
} layertap_work;

/* ---- Images --------------------------------------------------------------------------------------------------- */

#define LAYERTAP_IMAGE_PATH 1    /* the path of a JPEG or PNG file */
#define LAYERTAP_IMAGE_ENCODED 2 /* the bytes of a JPEG or PNG file */
#define LAYERTAP_IMAGE_RGB 3     /* upright sRGB pixels, 3 bytes each: red, green, blue */

/* An image. Fields that a kind does not name must be 0. */
typedef struct layertap_image {
  int32_t kind;
  const void *data;   /* the path, the file's bytes, or the first pixel */
  size_t size;        /* PATH and ENCODED: the number of bytes */
  size_t width;       /* RGB: pixels in a row, 1 to 65535; at most 178,956,970 pixels in all */
  size_t height;      /* RGB: rows, 1 to 65535 */
  int64_t row_stride; /* RGB: bytes from a row to the next, at least 3 * width or negative; 0 for 3 * width */
} layertap_image;

/* ---- Matrices ------------------------------------------------------------------------------------------------- */

#define LAYERTAP_FLOAT32 1
#define LAYERTAP_FLOAT64 2
#define LAYERTAP_FLOAT16 3

/* A matrix of features, one row for each image. The value in row i and column j begins at the byte
 * data + i * row_stride + j * column_stride. Strides may be negative, 0, or no multiples of the size of a value.
 *
 * float32 values whose columns are adjacent (column_stride 4, row_stride at least 4 * columns and a multiple of 4, data
 * aligned to 4 bytes) are read where they are and are never copied. All other matrices are converted to a float32 copy
 * of rows * columns values for the time of the call. A finite float64 value beyond the range of float32 is an error. */
typedef struct layertap_matrix {
  const void *data;
  size_t rows;
  size_t columns;
  int64_t row_stride;
  int64_t column_stride;
  int32_t type; /* LAYERTAP_FLOAT32, LAYERTAP_FLOAT64 or LAYERTAP_FLOAT16 */
} layertap_matrix;

/* The caller's float32 memory for a column: [rows, columns]. Row i begins `i * row_stride` bytes after `data`. */
typedef struct layertap_output {
  float *data;
  size_t rows;        /* the number of images */
  size_t columns;     /* the dimensions of the column */
  int64_t row_stride; /* a multiple of 4, at least 4 * columns; 0 for 4 * columns */
} layertap_output;

/* ---- Backbones ------------------------------------------------------------------------------------------------ */

/* The names of the built-in backbones, one text each. */
int32_t layertap_backbone_names(layertap_texts *names);

/* Loads a backbone: a built-in name, or the path of a checkpoint or an ONNX file.
 *
 * `settings` are those of an extraction without `backbone`, `layers` and `pool`: "architecture", "tune", and the
 * preprocessing "size", "resize", "cropFraction", "interpolation", "scale", "mean", "std", "channels", "decode",
 * "orientation", "alpha", "allowTruncated". */
int32_t layertap_backbone_open(const char *source, size_t source_size, const char *settings, size_t settings_size,
                               layertap_backbone *backbone);

/* One text, a JSON object: "backbone", "aliases" and "layers" with their shapes and costs as `layertap layers --format
 * json` prints them; "preprocessing"; "weightsHash"; "classCount", the number of the backbone's own classes or null;
 * "warnings" about the reading of the weights. */
int32_t layertap_backbone_describe(layertap_backbone backbone, layertap_texts *json);

/* The classifier of the backbone's own classes, as `layertap classify` uses it. It classifies images only. */
int32_t layertap_backbone_classifier(layertap_backbone backbone, layertap_classifier *classifier);

/* ---- Features of images --------------------------------------------------------------------------------------- */

/* Creates an extractor of columns of a backbone. `settings` are "layers" (names, aliases or "all"; by default
 * "penultimate") and "pool" ("avg", "max", "gem", "none", …; by default "avg"). Each layer with each pooling is a
 * column. */
int32_t layertap_extractor_create(layertap_backbone backbone, const char *settings, size_t settings_size,
                                  layertap_extractor *extractor);

/* The names of the columns, such as "blocks.10-avg", one text each. */
int32_t layertap_extractor_columns(layertap_extractor extractor, layertap_texts *names);

/* Writes the backbone up to the columns as an ONNX file, as layertap_classifier_export_onnx does for a classifier. */
int32_t layertap_extractor_export_onnx(layertap_extractor extractor, const char *path, size_t path_size,
                                       const char *input, size_t input_size, layertap_texts *report);

/* The dimensions of the columns. `count` must be the number of columns. */
int32_t layertap_extractor_dimensions(layertap_extractor extractor, size_t *dimensions, size_t count);

/* Computes features of images into the caller's memory, one pass for all columns. Row i of every output is image i.
 *
 * `outputs` has one entry for each column. With `errors` NULL, the first image that cannot be read ends the call. With
 * `errors`, such an image has rows of NaN, and the handle has one text for each image, "" for an image that was read.
 * `statuses`, NULL or [count], receives LAYERTAP_OK or the status of the image's error; it needs `errors`. After an
 * error or a stop the contents of the outputs are undefined. */
int32_t layertap_extract(layertap_extractor extractor, const layertap_image *images, size_t count,
                         const layertap_work *work, const layertap_output *outputs, size_t output_count,
                         int32_t *statuses, layertap_texts *errors);

/* Computes the features that a store lacks, and opens the store. Every image must be LAYERTAP_IMAGE_PATH.
 *
 * `store_path` is a folder of stores, created if it does not exist. `rows`, NULL or [count], receives each image's row
 * in the store's columns, or -1. Images of the same bytes share a row. `statuses` and `errors` are as in
 * layertap_extract. If the call is stopped or fails, the store keeps the rows computed so far. */
int32_t layertap_extract_to_store(layertap_extractor extractor, const layertap_image *images, size_t count,
                                  const char *store_path, size_t store_path_size, const layertap_work *work,
                                  int64_t *rows, int32_t *statuses, layertap_texts *errors, layertap_store *store);

/* ---- Stores --------------------------------------------------------------------------------------------------- */

/* Opens a store, or the only store in a folder, for reading. The handle sees the rows committed at this time. */
int32_t layertap_store_open(const char *path, size_t path_size, layertap_store *store);

/* One text, a JSON object: "path", "rows", "columns" with "name", "layer", "pool" and "dimensions" of each, "backbone",
 * "identity" and "preprocessing". */
int32_t layertap_store_describe(layertap_store store, layertap_texts *json);

/* A column by its index from 0, as float32 in the mapped file: [rows, dimensions]. The memory is read-only and valid
 * until the handle is released. */
int32_t layertap_store_column(layertap_store store, size_t index, layertap_matrix *matrix);

/* One text, CSV of the images of the store's last run, in list order. Its first line is
 * path,label,split,group,key,row,status, and ,weight if an image has a weight. `key` is the SHA-256 of the file, `row`
 * is empty for an image without a row. Only the first line is present before the first run has ended. */
int32_t layertap_store_items(layertap_store store, layertap_texts *csv);

/* ---- Linear models -------------------------------------------------------------------------------------------- */

#define LAYERTAP_SPLIT_TRAIN 0
#define LAYERTAP_SPLIT_VALIDATION 1
#define LAYERTAP_SPLIT_TEST 2

/* What is known about the rows of a matrix. NULL pointers mean "none". */
typedef struct layertap_targets {
  const int64_t *classes;     /* [rows], required: the class of each row, 0 to class_count - 1 */
  size_t rows;                /* must equal the rows of the features */
  size_t class_count;         /* at least 2; every class needs a row */
  const layertap_text *names; /* [class_count], all different; NULL names the classes "0", "1", … */
  const double *weights;      /* [rows], finite and at least 0: the weight of each row in a fit */
  const int64_t *groups;      /* [rows]: rows of a group stay on one side of every split; -1 for a row without group */
  const int64_t *folds;       /* [rows], for layertap_fit: the fold that holds the row out, from 0; -1 for none */
  const int32_t *splits;      /* [rows], for layertap_data_*: LAYERTAP_SPLIT_…; NULL for all TRAIN */
} layertap_targets;

/* Fits a linear model.
 *
 * `settings` are those of a training: "classifier" ("logistic", "svm", "nearest-mean"), "c", "penalty", "l1Ratio",
 * "loss", "multiClass", "solver", "intercept" ("free", "none", or the value of a penalized constant feature),
 * "tolerance" (the relative duality gap), "maximumIterations", "classWeight", "standardize" (here "none" by default),
 * "normalizeRows", "pca", "whiten", "seed". Settings of a search: "exhaustive", "folds", "repeats", "select",
 * "selectBy". Settings that only a training has are LAYERTAP_USAGE: "testFraction", "validationFraction", "nested",
 * "refit", "calibrate".
 *
 * "c" is one number (by default 1), or an array of values to choose from, or "auto". In the latter two cases, C is
 * chosen by cross-validation on the rows, in the folds of `targets` or in drawn folds. Then the model is fitted to all
 * rows. The objective has scikit-learn's form, penalty + C * sum of losses, on the features as given unless
 * "standardize" says otherwise.
 *
 * A fit that does not reach the tolerance is no error: see layertap_model_facts. */
int32_t layertap_fit(const layertap_matrix *features, const layertap_targets *targets, const char *settings,
                     size_t settings_size, const layertap_work *work, layertap_model *model);

/* Facts about a fit. */
typedef struct layertap_facts {
  size_t classes;
  size_t dimensions;
  double c;             /* NaN for a nearest mean */
  double objective;     /* the value that was minimized */
  double gap;           /* the certificate: the objective is at most this far above its minimum; infinite without one */
  double relative_gap;  /* the gap divided by the absolute value of the objective */
  double gradient_norm; /* in the solver's space */
  size_t iterations;    /* Newton steps, or steps of the solver that "solver" names */
  int32_t converged;    /* 1 if the relative gap is at most "tolerance", else 0 */
  int32_t has_probabilities; /* 1 for a logistic regression, else 0 */
} layertap_facts;

int32_t layertap_model_facts(layertap_model model, layertap_facts *facts);

/* One text, a JSON object: the facts, with null for values that are not finite; "classifier"; "solver"; "stopReason"
 * ("converged", "iterationLimit", "noProgress", "separable"); "hessianProducts"; "classNames"; "settings"; "warnings";
 * and "selection", null or the result of the search for C: "folds", "criterion", "rule", "c", "candidates". Each
 * candidate has "c", "accuracy", "foldAccuracies" (the accuracy of each fold, repeat after repeat), "logLoss" or null,
 * "score", "standardError" and "converged". */
int32_t layertap_model_describe(layertap_model model, layertap_texts *json);

/* The weights [classes, dimensions], row-major, and the biases [classes] for the features as given. The score of a
 * class is its weights times the features plus its bias. `weight_count` and `bias_count` must match.
 *
 * Of two classes, the second one has the scores of scikit-learn's decision function divided by 2 (logistic regression)
 * or by 1 (SVM), and the first class has the negative scores. scikit-learn's coef_ of two classes is therefore the
 * second row minus the first row of a logistic regression, and the second row of an SVM. A model with "normalizeRows"
 * needs features divided by their Euclidean norms. */
int32_t layertap_model_weights(layertap_model model, double *weights, size_t weight_count, double *biases,
                               size_t bias_count);

/* Predicts rows in double precision. Each output may be NULL: the class of the largest score [rows], probabilities
 * [rows, classes], scores [rows, classes]. Probabilities need has_probabilities. Values must be finite. */
int32_t layertap_model_predict(layertap_model model, const layertap_matrix *features, const layertap_work *work,
                               int64_t *classes, double *probabilities, double *scores);

/* Makes a classifier of a fitted model, with float32 weights as a classifier file has them. With `extractor` 0 it
 * classifies rows. Otherwise it also classifies images: the features must be those of all columns of the extractor side
 * by side.
 *
 * A model keeps no rows. `features` and `targets` are those of the fit once more: the classifier file records their
 * SHA-256 as "dataHash". With NULL for both the record is empty, and the classifier is the same otherwise. Rows with
 * other dimensions, classes or numbers of rows than those of the fit are LAYERTAP_ARGUMENT. */
int32_t layertap_model_classifier(layertap_model model, layertap_extractor extractor, const layertap_matrix *features,
                                  const layertap_targets *targets, layertap_classifier *classifier);

/* ---- Training and comparison ---------------------------------------------------------------------------------- */

/* Labeled images: a folder of images or a list of images, as the command `train` takes them, with labels, splits,
 * groups and weights from folders, names or the list. `labels`, NULL or a path, is a list for the folder. `settings`
 * are those of lists: "include", "exclude", "folders", "labelField", "groupBy". With an empty `store_path`, features
 * stay in memory. Images that cannot be read are left out, and layertap_data_describe names them. */
int32_t layertap_data_from_folder(layertap_extractor extractor, const char *path, size_t path_size, const char *labels,
                                  size_t labels_size, const char *settings, size_t settings_size,
                                  const char *store_path, size_t store_path_size, const layertap_work *work,
                                  layertap_data *data);

/* Labeled images of any kind; their features stay in memory. The first image that cannot be read ends the call. */
int32_t layertap_data_from_images(layertap_extractor extractor, const layertap_image *images, size_t count,
                                  const layertap_targets *targets, const layertap_work *work, layertap_data *data);

/* Labeled rows of features, which are copied. */
int32_t layertap_data_from_matrix(const layertap_matrix *features, const layertap_targets *targets,
                                  layertap_data *data);

/* The labeled images of a store's last run. `columns` [column_count] are indices of the store's columns; NULL and 0
 * take every column. */
int32_t layertap_data_from_store(layertap_store store, const size_t *columns, size_t column_count,
                                 layertap_data *data);

/* The columns of several backbones on the same images: `parts` [count] are data of one backbone each, of the same
 * images. layertap_compare takes the result, layertap_train refuses it. */
int32_t layertap_data_combine(const layertap_data *parts, size_t count, layertap_data *data);

/* One text, a JSON object: "rows"; "columns", the names; "items" with "path", "label", "split", "group" and "weight" of
 * each row; "unreadable" with "path" and "reason"; "warnings". */
int32_t layertap_data_describe(layertap_data data, layertap_texts *json);

/* Trains a classifier as the command `train` does, with all settings of a training: chooses the column and C, fits, and
 * evaluates the test rows once. `record`, which may be NULL, receives one text, a JSON object: "classNames"; "column";
 * "settings", "training" and "selection" as the classifier file records them; "evaluation" of the test rows as
 * `layertap evaluate --format json` prints it, or null; "warnings". */
int32_t layertap_train(layertap_data data, const char *settings, size_t settings_size, const layertap_work *work,
                       layertap_classifier *classifier, layertap_texts *record);

/* Compares the columns, and the classifiers that the setting "classifier" lists, as the command `compare` does. `json`
 * receives the text that `layertap compare --format json` prints. Two more settings here are "learningCurve" (a number of
 * draws, 0 for none) and "combine" (2 or 3, the largest number of columns side by side). "classifier" can list "k-nn". */
int32_t layertap_compare(layertap_data data, const char *settings, size_t settings_size, const layertap_work *work,
                         layertap_texts *json);

/* ---- Classifiers ---------------------------------------------------------------------------------------------- */

/* Opens a classifier file. The backbone of a classifier of images is loaded by the first call that takes images, or by
 * layertap_classifier_prepare. */
int32_t layertap_classifier_open(const char *path, size_t path_size, layertap_classifier *classifier);

/* Writes a classifier file. `embed_backbone` other than 0 puts the backbone up to the layer into the file. */
int32_t layertap_classifier_save(layertap_classifier classifier, const char *path, size_t path_size,
                                 int32_t embed_backbone);

/* Writes a classifier of images with its network as an ONNX file, with the outputs "scores", "probabilities" if there
 * are any, and "features:<column>". `input` is "float32" (normalized pixels [N, 3, H, W]; also if the text is empty) or
 * "uint8" (r, g, b [N, H, W, 3]). The file is read again and compared before it gets its name. `report` receives one
 * text, a JSON object: "path", "input", "inputType", "outputs", "takesBatches", "featuresHaveSameBits",
 * "featureDifference", "scoreDifference". */
int32_t layertap_classifier_export_onnx(layertap_classifier classifier, const char *path, size_t path_size,
                                        const char *input, size_t input_size, layertap_texts *report);

/* The names of the classes, one text each, in the order of probabilities and scores. */
int32_t layertap_classifier_classes(layertap_classifier classifier, layertap_texts *names);

/* One text, a JSON object: "classNames"; "classifier" ("logistic", "svm", "nearest-mean"); "hasProbabilities";
 * "takesImages"; "takesRows"; "dimensions" or null; "backbone" (the identity) and "columns", or null; "settings",
 * "training" and "selection" as the classifier file records them, or null; "warnings". */
int32_t layertap_classifier_describe(layertap_classifier classifier, layertap_texts *json);

/* The weights [classes, dimensions] and the biases [classes] for raw features, in float32 as in the file. */
int32_t layertap_classifier_weights(layertap_classifier classifier, float *weights, size_t weight_count, float *biases,
                                    size_t bias_count);

/* Joins a classifier of images to its backbone, and checks the backbone with the golden image. With `backbone` 0 the
 * backbone is the embedded one, or the built-in one of the recorded name. A backbone of another file must be given. */
int32_t layertap_classifier_prepare(layertap_classifier classifier, layertap_backbone backbone);

/* Predicts rows of features. Each output may be NULL, as in layertap_model_predict. */
int32_t layertap_classifier_predict(layertap_classifier classifier, const layertap_matrix *features,
                                    const layertap_work *work, int64_t *classes, double *probabilities,
                                    double *scores);

/* Predicts images. Each of `classes` [count], `probabilities` [count, classes] and `scores` [count, classes] may be
 * NULL. `statuses` and `errors` are as in layertap_extract: with `errors`, an image that cannot be read has class -1
 * and NaN, otherwise it ends the call. */
int32_t layertap_classifier_predict_images(layertap_classifier classifier, const layertap_image *images, size_t count,
                                           const layertap_work *work, int64_t *classes, double *probabilities,
                                           double *scores, int32_t *statuses, layertap_texts *errors);

#ifdef __cplusplus
}
#endif

#endif
