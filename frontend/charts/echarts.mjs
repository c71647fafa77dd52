// The part of Apache ECharts that our pages use; charts.js reads it from window.echarts.
import { BarChart, CustomChart, HeatmapChart, LineChart, SankeyChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([
  AriaComponent, BarChart, CanvasRenderer, CustomChart, GridComponent, HeatmapChart, LegendComponent, LineChart, MarkLineComponent,
  SankeyChart, TooltipComponent, VisualMapComponent,
]);

window.echarts = { init };
