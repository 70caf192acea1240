// The errors of training and evaluation.

import TapClassifier
import TapFileSystem
import TapSelection
import TapSettings
import TapTensors
import TapText

/// Training or evaluation failed.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// A file could not be read or written.
  case file(FileSystemError)
  /// A file holds no valid matrix of features.
  case matrix(path: String, problem: String)
  /// There is no table beside a matrix, and the user named no table.
  case labelsMissing(path: String)
  /// A file of features has no labels, although its format can hold labels. `lack` gives the reason, as a text that
  /// follows the file's name.
  case noLabelsInside(path: String, lack: String)
  /// A table of labels cannot be read, or its contents are invalid.
  case labels(path: String, problem: String)
  /// The number of lines of a table of labels differs from the number of rows of the matrix.
  case labelCount(path: String, expected: Int, found: Int)
  /// No training item has a label.
  case noLabels
  /// All training items have the same class.
  case oneClass(name: String)
  /// A class has fewer training items than cross-validation needs.
  case tooFewOfClass(name: String, count: Int, needed: Int)
  /// Groups keep all items of a class in one fold, so that no item of the class is left to train on.
  case classInOneFold(name: String)
  /// Every item of a class has the weight 0 in the part that a model is fitted to.
  case noWeight(name: String)
  /// Nested cross-validation is set, but C is chosen by a validation split.
  case nestedValidation
  /// A class occurs only in the test or validation split.
  case classNotInTraining(name: String, split: String)
  /// The data already have a test split.
  case testSplitTwice
  /// The data already have a validation split.
  case validationSplitTwice
  /// The settings are invalid.
  case settings(SettingsError)
  /// Splitting or fitting failed.
  case selection(SelectionError)
  /// The classifier does not fit the data, or could not be created.
  case classifier(ClassifierError)
  /// The classifier does not know some of the labels.
  case unknownClasses([String], known: [String])
  /// No item of the evaluation has a label.
  case nothingToEvaluate
  /// The classifier cannot judge an item, because a feature is NaN or infinite.
  case notFinite(path: String, column: Int, value: Float)
  /// There are too many classes for a dense model.
  case tooManyClasses(Int, limit: Int)
  /// A rule for groups is set, but the data already have groups.
  case groupedAlready(rule: String)
  /// A rule for groups gives no row a group.
  case groupsOfNothing(rule: String, example: String)
  /// More pairs of images are nearly equal than the search keeps.
  case tooManyPairs(limit: Int, threshold: Double)
  /// A training would need more memory than this machine has.
  case tooLarge(rows: Int, classes: Int, dimensions: Int, bytes: Int, memory: Int)

  public var description: String {
    switch self {
    case .file(let error): error.description
    case .matrix(let path, let problem): "\(path): \(problem)"
    case .labelsMissing(let path):
      "a matrix needs labels: name their file with --labels F.csv (there is no \(path))"
    case .noLabelsInside(let path, let lack): "\(path) \(lack), or give --labels F.csv"
    case .labels(let path, let problem): "\(path): \(problem)"
    case .labelCount(let path, let expected, let found):
      "\(path) describes \(found) rows, the matrix has \(expected): expected one line a row, in order"
    case .noLabels:
      "no image for training has a label: put the images into one folder a class, or name labels in a manifest"
    case .oneClass(let name):
      "all training images are of one class, '\(name)': a classifier needs at least two classes"
    case .tooFewOfClass(let name, let count, let needed):
      "class '\(name)' has \(count) training image\(count == 1 ? "" : "s"), at least \(needed) are needed to "
        + "cross-validate: add images, leave the class out, or set the images for validation apart (val/)"
    case .classInOneFold(let name):
      "all images of class '\(name)' fall into one fold, because groups stay whole, so that nothing of it is left to train on: "
        + "spread the class over more groups, use finer groups, or give C a value (--c)"
    case .noWeight(let name):
      "class '\(name)' has no training image with a weight above 0, or none in the folds that train: raise weights, or "
        + "leave the class out"
    case .nestedValidation:
      "nested cross-validation is for choices made by cross-validation, and here validation images choose: leave --nested "
        + "out, or --validation-fraction"
    case .classNotInTraining(let name, let split):
      "class '\(name)' has \(split) images and no training images"
    case .testSplitTwice:
      "the images have a test split already: leave --test-fraction out"
    case .validationSplitTwice:
      "the images have a validation split already: leave --validation-fraction out"
    case .settings(let error): error.description
    case .selection(let error): error.description
    case .classifier(let error): error.description
    case .unknownClasses(let names, let known):
      "the classifier knows no class \(names.prefix(5).map { "'\($0)'" }.joined(separator: ", "))"
        + (names.count > 5 ? " and \(names.count - 5) more" : "")
        + "; its classes are \(known.joined(separator: ", "))"
    case .nothingToEvaluate:
      "none of the images has a label: put them into one folder a class, or name labels in a manifest"
    case .notFinite(let path, let column, let value):
      "the feature of \(path) in column \(column) is \(value.dataText), so no class has a score; every feature must be finite: find "
        + "what produced it, or leave the row out"
    case .tooManyClasses(let count, let limit):
      "there are \(NumberText.grouped(count)) classes, and at most \(NumberText.grouped(limit)) are trained: is 'label' the "
        + "right column? A number for each row is no class"
    case .groupedAlready(let rule):
      "the images are in groups already, so --group-by \(rule) has no meaning: leave it out, or the groups"
    case .groupsOfNothing(let rule, let example):
      "--group-by \(rule) gives no image a group: no path matches, such as \(example)"
    case .tooManyPairs(let limit, let threshold):
      "more than \(NumberText.grouped(limit)) pairs of images have a cosine of at least \(threshold), and "
        + "groups of so many would join most images: use a larger --near, or a deeper layer"
    case .tooLarge(let rows, let classes, let dimensions, let bytes, let memory):
      "training \(NumberText.grouped(classes)) classes on \(NumberText.grouped(rows)) rows of "
        + "\(NumberText.grouped(dimensions)) values would take about \(NumberText.bytes(bytes)) of memory, and this machine has "
        + "\(NumberText.bytes(memory)): train on fewer rows or classes, or use fewer --threads, which fits fewer folds at once"
    }
  }
}

extension TrainingError {
  /// The reason why no rows can be held out to judge a model; nil for an error with another cause. If there is a
  /// reason, a fit to all rows may still be possible.
  package var holdingOutText: String? {
    switch self {
    case .tooFewOfClass(let name, let count, let needed):
      "class '\(name)' has \(count) training image\(count == 1 ? "" : "s"), and \(needed) are needed"
    case .classInOneFold(let name):
      "all images of class '\(name)' fall into one fold, because groups stay whole"
    case .selection(.tooFewGroups(let groups, let folds)):
      "\(groups) group\(groups == 1 ? "" : "s") cannot fill \(folds) folds"
    default: nil
    }
  }

  /// The error for the first value that is not finite, in a row whose scores are not finite.
  package static func notFinite(_ path: String, _ features: MatrixView, row: Int) -> TrainingError {
    features.withRow(row) { values in
      for column in values.indices where !values[column].isFinite {
        return .notFinite(path: path, column: column, value: values[column])
      }
      preconditionFailure("\(path) is finite and has scores that are not")
    }
  }

  /// Turns an error of splitting or fitting into one that names the classes.
  package init(_ error: SelectionError, classNames: [String]) {
    switch error {
    case .classTooSmall(let label, let rows):
      self = .tooFewOfClass(name: classNames[label], count: rows, needed: 2)
    case .classInOneFold(let label): self = .classInOneFold(name: classNames[label])
    case .model(.emptyClass(let label, _)): self = .noWeight(name: classNames[label])
    // The class has other items, but their weight is 0.
    case .model(.oneClass(let label)): self = .noWeight(name: classNames[label == 0 ? 1 : 0])
    default: self = .selection(error)
    }
  }
}
