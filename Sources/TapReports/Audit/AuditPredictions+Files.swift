// The predictions of an audit as files, for cleanlab and for other programs.

import TapAudit
import TapFormats

extension Audit.Predictions {
  /// The predictions as CSV with the columns `path,label,probability_a,probability_b`, for classes a and b.
  package var csv: String {
    let k = classNames.count
    var text = CSV.line(["path", "label"] + classNames.map { "probability_\($0)" })
    for (row, path) in paths.enumerated() {
      text += CSV.line(
        [path, classNames[labels[row]]] + probabilities[(row * k)..<((row + 1) * k)].map { "\($0)" })
    }
    return text
  }

  /// The predictions as an archive of arrays: `labels`, the indices of the given labels in `classes`; `pred_probs`,
  /// `[images, classes]`; `path` and `classes`. The value is nil if the archive would be larger than 4 GiB.
  package var npz: [UInt8]? {
    ZipArchive.stored([
      ("labels.npy", NPY.file(labels)),
      ("pred_probs.npy", NPY.file(probabilities, shape: [paths.count, classNames.count])),
      ("path.npy", NPY.file(paths)), ("classes.npy", NPY.file(classNames)),
    ])
  }
}
