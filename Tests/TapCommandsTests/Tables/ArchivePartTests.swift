import TapFormats
import TestSupport
import Testing

/// Archives of several parts, with unused arrays, and with numbers that float32 cannot represent.
@Suite struct ArchivePartTests {
  private static let script = """
    import numpy as np
    r = np.random.default_rng(0)
    def part(n, flip):
        y = np.arange(n) % 2
        return (r.normal(size=(n, 3)) + 4 * np.c_[y, 0 * y, 0 * y]).astype('f4'), (1 - y if flip else y)
    X, y = part(40, False)
    for n, name in ((20, 'parts'), (40, 'alike')):
        T, t = part(n, True)
        np.savez(name, X_train=X, y_train=y, X_test=T, y_test=t)
        np.savez(name + '_test', X=T, y=t)
    np.savez('plain', X=X, y=y)
    np.savez('extra', X=X, y=y, sample_weights=np.ones(40), more=np.ones(3))
    t = 1.7e9 + 60 * y + r.normal(size=40)
    Z = np.c_[X[:, 0], t, np.full(40, 0.1)]
    np.savez('times', X=Z, y=y); np.save('times.npy', np.asfortranarray(Z)); np.save('ints.npy', (Z * 1e6).astype('i8'))
    for name in ('times', 'ints'): open(name + '.csv', 'w').write('label\\n' + ''.join(f'{c}\\n' for c in y))
    open('table.csv', 'w').write('a,t,c,label\\n' + ''.join(f'{a},{b},{c},{d}\\n' for (a, b, c), d in zip(Z, y)))
    pairs = lambda row: ' '.join(f'{i + 1}:{float(v)!r}' for i, v in enumerate(row) if v)
    open('times.svm', 'w').write(''.join(f'{d} {pairs(row)}\\n' for row, d in zip(Z, y)))
    open('plain.svm', 'w').write(''.join(f'{d} {pairs(row)}\\n' for row, d in zip(X.astype('f8'), y)))
    np.savez('several', X=X, one=np.ones(40), two=np.ones(40))
    open('several.csv', 'w').write('label\\n' + ''.join(f'{c}\\n' for c in y))
    np.savez('wide', X=X.astype('f8'), y=y)
    """

  private func errors(_ arguments: [String], in folder: String) throws -> String {
    let outcome = try Tool.run(arguments, in: folder)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome.errors
  }

  /// The labels of the test part are swapped, so a model of the training part gets none of them right.
  @Test(.needs(.numPy), arguments: ["parts", "alike"])
  func evaluationTakesTheTestPart(name: String) throws {
    try withTemporaryFolder { folder in
      let made = try Python.run(Self.script, in: folder)
      #expect(made.status == 0, "\(made.errors)")
      let train = try errors(["train", "\(name).npz", "--c", "1", "--output", "m"], in: folder)
      let count = name == "parts" ? 20 : 40
      #expect(
        train.contains(
          "\(name).npz: 'X_train' and 'y_train' are taken; not used: X_test [\(count), 3], y_test [\(count)]; "
            + "--array, --label-name and --weight-name choose\n"), "\(train)")
      _ = try errors(["train", "plain.npz", "--c", "1", "--output", "p"], in: folder)
      #expect(try ModelContents(folder + "/m") == ModelContents(folder + "/p"))
      for command in ["evaluate", "predict"] {
        let parts = try Tool.run([command, "m", "\(name).npz"], in: folder)
        #expect(
          parts.errors.contains("'X_test' and 'y_test' are taken; not used: X_train [40, 3], y_train [40]"))
        let named = try Tool.run([command, "m", "\(name).npz", "--array", "X_test"], in: folder)
        let alone = try Tool.run([command, "m", "\(name)_test.npz"], in: folder)
        #expect(parts.output == alone.output && named.output == alone.output && parts.status == 0)
        let other = try Tool.run([command, "m", "\(name).npz", "--array", "X_train"], in: folder)
        let plain = try Tool.run([command, "m", "plain.npz"], in: folder)
        #expect(other.output == plain.output)
      }
    }
  }

  @Test(.needs(.numPy)) func whatIsNotUsedIsNamed() throws {
    try withTemporaryFolder { folder in
      _ = try Python.run(Self.script, in: folder)
      let note =
        "extra.npz: not used: sample_weights [40]; --array, --label-name and --weight-name choose\n"
      #expect(try errors(["train", "extra.npz", "--c", "1", "--output", "m"], in: folder).contains(note))
      #expect(try errors(["evaluate", "m", "extra.npz"], in: folder) == note)
      // `predict` uses neither labels nor weights.
      #expect(try errors(["predict", "m", "extra.npz"], in: folder).isEmpty)
      let weighted = ["--weight-name", "sample_weights"]
      #expect(try !errors(["train", "extra.npz", "--c", "1"] + weighted, in: folder).contains("not used"))
    }
  }

  /// Unused arrays are also named if the labels are in a table beside the archive.
  @Test(.needs(.numPy)) func arraysBesideATableAreNamed() throws {
    try withTemporaryFolder { folder in
      _ = try Python.run(Self.script, in: folder)
      let said = try errors(["train", "several.npz", "--c", "1", "--output", "m"], in: folder)
      #expect(said.contains("several.npz: not used: one [40], two [40];"), "\(said)")
    }
  }

  @Test(.needs(.numPy)) func roundingThatMergesIsSaid() throws {
    try withTemporaryFolder { folder in
      _ = try Python.run(Self.script, in: folder)
      for (file, column) in [
        ("times.npz", "1"), ("times.npy", "1"), ("ints.npy", "1"), ("table.csv", "t"),
        ("times.svm", "2"),
      ] {
        let said = try errors(["train", file, "--c", "1", "--output", "m"], in: folder)
        #expect(
          said.contains(
            "\(file): float32 rounds away differences within column \(column); subtract the mean before saving "
              + "to keep them\n"), "\(file): \(said)")
      }
      for file in ["wide.npz", "plain.npz", "plain.svm"] {
        #expect(try !errors(["train", file, "--c", "1", "--output", "m"], in: folder).contains("float32"))
      }
    }
  }
}
