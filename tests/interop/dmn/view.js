// Opens a model in dmn-js and reports what it shows: read by the test from the page's `report`.
// `MODEL` is the text of the model, `SHOWN` the name of the decision whose table is left open; none: the drawing.
(async () => {
  const report = { warnings: [], views: [], failures: [], shapes: 0, edges: 0 };
  try {
    const viewer = new DmnJS({ container: '#canvas' });
    const { warnings } = await viewer.importXML(MODEL, { open: false });
    report.warnings = warnings.map((warning) => warning.message || String(warning));
    let shown = null;
    for (const view of viewer.getViews()) {
      const name = view.type === 'drd' ? '' : view.element.name;
      report.views.push({ type: view.type, name });
      try {
        const opened = await viewer.open(view);
        report.warnings.push(...opened.warnings.map((warning) => `${name}: ${warning.message || warning}`));
      } catch (error) {
        report.failures.push(`${name}: ${error.message}`);
      }
      if (view.type === 'drd') {
        const elements = viewer.getActiveViewer().get('elementRegistry').filter((element) => element.businessObject);
        report.shapes = elements.filter((element) => !element.waypoints && element.parent).length;
        report.edges = elements.filter((element) => element.waypoints).length;
      }
      if (SHOWN === null ? view.type === 'drd' : name === SHOWN) {
        shown = view;
      }
    }
    await viewer.open(shown);
    if (SHOWN === null) {
      viewer.getActiveViewer().get('canvas').zoom('fit-viewport');
    }
  } catch (error) {
    report.failures.push(error.message || String(error));
  }
  document.getElementById('report').textContent = JSON.stringify(report);
})();
