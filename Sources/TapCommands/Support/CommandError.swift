// The errors of a command that no lower module declares.

import TapReports
import TapSettings
import TapText

/// A command could not do the requested work.
enum CommandError: Error, Equatable, CustomStringConvertible {
  /// A file with the default name of the result already exists.
  case outputExists(String)
  /// A folder has the path at which the result should be written.
  case outputIsFolder(String, option: String)
  /// A file that no export wrote has the path of an exported matrix or of its table.
  case foreignFile(path: String)
  /// The readable images were used; some images could not be read.
  case someUnreadable(count: Int, of: Int)
  case noneReadable(count: Int)
  /// The first run that fills the store has not ended.
  case storeWithoutItems(String)
  /// A name does not name a layer of the store.
  case noSuchStoredLayer(String, available: [String])
  /// Check sums of a store do not match its files.
  case damagedStore(String, problems: Int)
  /// An extraction would leave less than half of the free disk space.
  case wouldFillDisk(path: String, bytes: Int, free: Int)

  /// The user stopped the command after this number of images.
  case interrupted(done: Int, of: Int?)
  /// With `--strict`, a warning is an error.
  case strict(String)
  /// The predictions have more bytes than an archive can hold.
  case archiveTooLarge(path: String)
  /// The predictions cannot be paired with an evaluation.
  case otherPredictions(path: String, problem: String)
  /// This program does not understand the settings of a model.
  case settingsOfModel(path: String, SettingsError)
  /// A model has several columns, so a training cannot continue from it.
  case severalColumns(path: String, String)
  /// A bare matrix cannot continue the training of a model of images.
  case warmStartOfMatrix(model: String, backbone: String)
  /// The user asked to fail if there are such findings. Each text has a count and a topic.
  case refusedFindings([String])
  /// Clients of a server did not read their answers in time after the request to stop.
  case clientsLeft
  /// The file of the running program is not known.
  case unknownProgram
  /// The backbone of a store is not on this machine, so the model file cannot contain the backbone.
  case nothingToEmbed
  /// The model's backbone came from a file whose path is unknown.
  case backboneOfFile(String)

  var description: String {
    switch self {
    case .interrupted(let done, let total):
      "interrupted after \(done)\(total.map { " of \($0)" } ?? "") images"
    case .strict(let line):
      "\(line)\n'--strict' ends the command here: without it this is said and the work goes on"
    case .settingsOfModel(let path, let error):
      "\(path): \(error): a newer LayerTap may know it; otherwise train without --warm-start"
    case .severalColumns(let path, let columns):
      "\(path) was trained on several columns, \(columns): a training goes on from one column; leave --warm-start out"
    case .outputExists(let path):
      "\(path) exists already: name the result with --output (the same name replaces the file)"
    case .outputIsFolder(let path, let option): "\(path) is a folder: name a file with \(option)"
    case .foreignFile(let path):
      "\(path) exists, and it is no matrix with a table that LayerTap wrote beside it: choose another --output, or replace "
        + "it with --force"
    case .someUnreadable(let count, let total): "\(count) of \(total) images could not be read"
    case .noneReadable(let count):
      count == 1 ? "the only image could not be read" : "none of the \(count) images could be read"
    case .storeWithoutItems(let path):
      "\(path) has no list of images: no extraction has ended yet, and 'evaluate' makes none; run 'layertap extract'"
    case .noSuchStoredLayer(let name, let available):
      "the store has no layer '\(name)'; it has \(available.joined(separator: ", "))"
    case .damagedStore(let path, let problems):
      "\(path) is damaged in \(problems == 1 ? "one place" : "\(problems) places"): remove it and extract again"
    case .archiveTooLarge(let path): "\(path) would be larger than 4 GiB: name a file that ends in .csv"
    case .otherPredictions(let path, let problem):
      "\(path): \(problem); expected what 'layertap evaluate --predictions' writes, for the same images"
    case .warmStartOfMatrix(let model, let backbone):
      "\(model) was trained on features of \(backbone), and a matrix does not say where it is from: go on with the images or "
        + "their store, or train anew without --warm-start"
    case .clientsLeft: "stopped before all clients had read their answers"
    case .unknownProgram:
      "the file of this program cannot be found, since there is no /proc here: run the command where /proc is mounted"
    case .backboneOfFile(let name):
      "the model needs the backbone '\(name)', which is none of the known ones: name its file with --backbone, or train with "
        + "--embed-backbone"
    case .refusedFindings(let counts):
      "there are findings that '--fail-on' refuses: \(counts.joined(separator: ", "))"
    case .nothingToEmbed:
      "the backbone that the store was made with is not here, so it cannot be embedded: leave --embed-backbone out, or "
        + "add its weights ('layertap weights')"
    case .wouldFillDisk(let path, let bytes, let free):
      "the features would take \(NumberText.bytes(bytes)) of the \(NumberText.bytes(free)) that are free at "
        + "\(path): choose another --store, fewer --layers, or pass --yes to go on"
    }
  }
}
